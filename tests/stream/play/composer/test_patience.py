import pytest

from stream.play.composer.patience import HANG_SECONDS, LONGEST_SECONDS, READY_SECONDS, Patience


@pytest.mark.parametrize(
    ("took", "given"), [(0.1, HANG_SECONDS), (2.0, 10.0), (30.0, 150.0)], ids=str
)
def test_the_next_composer_has_a_multiple_of_the_last_loading_time(took, given):
    patience = Patience()
    assert patience.ready == READY_SECONDS
    patience.started_within(took)
    assert patience.ready == given


def test_each_hang_doubles_the_time_for_an_answer_up_to_a_bound():
    patience, given = Patience(), []
    for _ in range(7):
        given.append(patience.answer)
        patience.timed_out()
    assert given == [2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_SECONDS, LONGEST_SECONDS]


def test_a_hang_gives_the_next_composer_the_time_of_the_first():
    patience = Patience()
    patience.started_within(1.0)
    patience.timed_out()
    assert patience.ready == READY_SECONDS


@pytest.mark.parametrize(("took", "given"), [(1.9, HANG_SECONDS), (HANG_SECONDS, 8.0), (7.0, 8.0)])
def test_only_a_fast_answer_takes_the_extra_time_away(took, given):
    patience = Patience()
    patience.timed_out()
    patience.timed_out()
    patience.answered_within(took)
    assert patience.answer == given
