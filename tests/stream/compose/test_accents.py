import pytest

from stream.compose.accents import BEAT, DOWNBEAT, HALF_BAR, OFFBEAT, velocity


@pytest.mark.parametrize(
    ("bar", "accents"),
    [
        (8, [DOWNBEAT, OFFBEAT, BEAT, OFFBEAT, HALF_BAR, OFFBEAT, BEAT, OFFBEAT]),
        (6, [DOWNBEAT, OFFBEAT, OFFBEAT, HALF_BAR, OFFBEAT, OFFBEAT]),
        (4, [DOWNBEAT, BEAT, HALF_BAR, BEAT]),
        (3, [DOWNBEAT, BEAT, BEAT]),
        (9, [DOWNBEAT, OFFBEAT, OFFBEAT, BEAT, OFFBEAT, OFFBEAT, BEAT, OFFBEAT, OFFBEAT]),
    ],
)
def test_accents_of_two_bars(bar, accents):
    assert [velocity(12 * unit, bar) for unit in range(2 * bar)] == accents * 2


def test_between_the_units_it_is_soft():
    assert {velocity(12 * unit + 6, 8) for unit in range(8)} == {OFFBEAT}
