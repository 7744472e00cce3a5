import numpy as np
import pytest

from stream.compose.melody.outline_rules import LEAST, MOST, NAME, rules
from tests.stream.compose.melody.outlines import bar_of, outline_of

A, B, C = bar_of(0, 2, 4, 5), bar_of(7, 5, 4, 2), bar_of(-3, -1, -3, -5)
NEAR_A, HALF_A = bar_of(0, 2, 4, 7), bar_of(0, 2, 7, 9)


def strays(form, past, *candidates):
    """Bars of each candidate that stray from an outline of bars of four units."""
    outline = outline_of(f"4x24;;;0;0;0;{form}")
    composed = [np.array([token for bar in each for token in bar], np.int64) for each in candidates]
    found = rules(outline, [token for bar in past for token in bar], composed)
    assert all(len(each) == 1 for each in found)
    assert {(each[0].name, each[0].low, each[0].high) for each in found} == {(NAME, 0.0, MOST)}
    return [each[0].value for each in found]


@pytest.mark.parametrize(
    ("form", "past", "bars", "count"),
    [
        # New bars: another one, one that resembles, one that is the same.
        ("2;.2;", [A], [B], 0),
        ("2;.2;", [A], [NEAR_A], 0.5),
        ("2;.2;", [A], [A], 1),
        # Similar bars.
        ("2;. ~1;", [A], [NEAR_A], 0),
        ("2;. ~1;", [A], [A], 0.5),
        ("2;. ~1;", [A], [C], 1),
        # Equal bars.
        ("2;. =1;", [A], [A], 0),
        ("2;. =1;", [A], [NEAR_A], 1),
        # Bars of a phrase add up, and may return within it.
        ("4;.2 =2*2;", [], [A, B, A, B], 0),
        ("4;.2 =2*2;", [], [A, B, B, A], 2),
        ("4;.4;", [], [A, A, NEAR_A, B], 1.5),
        # The past is not judged, nor are bars beyond the outline.
        ("4;. =1 ~1 .;", [A, B, C], [B], 1),
        ("1;.;", [A], [A, A], 0),
    ],
)
def test_bars_that_stray_from_the_outline_are_counted(form, past, bars, count):
    assert strays(form, past, bars) == [count]


def test_each_candidate_has_its_own_count():
    assert strays("2;. =1;", [A], [A], [B], [A]) == [0, 1, 0]


def test_a_varied_return_has_enough_in_common():
    assert LEAST < 0.5
    assert strays("2;. ~1;", [A], [HALF_A]) == [0]


def test_nothing_is_played_yet():
    assert strays("4;.4;", [], [A, B, C, bar_of(0, 9, 0, 9)]) == [0]


@pytest.mark.parametrize(("silent", "count"), [(0, 0), (1, 0), (2, 0.5), (4, 0.5)])
def test_a_bar_of_too_few_notes_strays(silent, count):
    bar = bar_of(*[5, 0, 5, 0][silent:], *[None] * silent)
    assert strays("2;.2;", [A], [bar]) == [count]
