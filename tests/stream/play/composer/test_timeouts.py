import pytest

from stream.play.composer.timeouts import HANG_SECONDS, LONGEST_SECONDS, READY_SECONDS, Timeouts


@pytest.mark.parametrize(
    ("took", "given"), [(0.1, HANG_SECONDS), (2.0, 10.0), (30.0, 150.0)], ids=str
)
def test_the_next_composer_has_a_multiple_of_the_last_loading_time(took, given):
    timeouts = Timeouts()
    assert timeouts.ready == READY_SECONDS
    timeouts.started_within(took)
    assert timeouts.ready == given


def test_each_hang_doubles_the_time_for_an_answer_up_to_a_bound():
    timeouts, given = Timeouts(), []
    for _ in range(7):
        given.append(timeouts.answer)
        timeouts.timed_out()
    assert given == [2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_SECONDS, LONGEST_SECONDS]


def test_a_hang_gives_the_next_composer_the_time_of_the_first():
    timeouts = Timeouts()
    timeouts.started_within(1.0)
    timeouts.timed_out()
    assert timeouts.ready == READY_SECONDS


@pytest.mark.parametrize(("took", "given"), [(1.9, HANG_SECONDS), (HANG_SECONDS, 8.0), (7.0, 8.0)])
def test_only_a_fast_answer_takes_the_extra_time_away(took, given):
    timeouts = Timeouts()
    timeouts.timed_out()
    timeouts.timed_out()
    timeouts.answered_within(took)
    assert timeouts.answer == given
