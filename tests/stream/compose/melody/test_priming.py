import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody import priming
from stream.compose.melody.priming import GRID, BarPosition
from stream.compose.melody.vocabulary import PERIOD, TWELFTHS
from stream.compose.step import Point, Step, StepState
from stream.music.note import Note, PhraseRequest
from tests.stream.compose.conftest import TINY

STEP = Step(TINY)
HISTORY = (Note(-96, 48, 60), Note(-48, 24, 62))


def point():
    return Point(np.zeros((1, 4), np.float32), np.zeros((1, len(STEP.spec.tags)), np.float32))


def request(phrase_lengths=(), begun=0, **fields):
    return PhraseRequest(
        index=9,
        tune=3,
        seed=1,
        opened=5,
        phrase_lengths=phrase_lengths,
        begun=begun,
        history=HISTORY,
        **fields,
    )


@pytest.mark.parametrize(
    ("phrase_lengths", "begun", "position"),
    [
        ((), 0, BarPosition()),
        ((384,), 0, BarPosition(0, 0, 96)),
        ((384, 392), 0, BarPosition(2, 0, 192)),
        ((384,), 24, BarPosition(6, 0, 96)),
        ((384,), 25, BarPosition(8, 7, 96)),
        ((384,), 191, BarPosition(48, 1, 96)),
        ((384,), 192, BarPosition(0, 0, 144)),
        ((), 200, BarPosition(3, 4, 48)),
    ],
)
def test_where_a_phrase_begins(phrase_lengths, begun, position):
    """Bars of four units of 48 ticks: a twelfth is 4 ticks, a bar 48 twelfths."""
    assert priming.bar_position(request(phrase_lengths, begun), 4, 48) == position


def test_the_first_phrase_of_a_stream_ends_with_a_bar():
    """It begins with a note, however late in its bar that was."""
    first = PhraseRequest(index=1, tune=0, seed=1, phrase_lengths=(350, 768), history=HISTORY)
    assert priming.bar_position(first, 4, 48) == BarPosition(0, 0, 192)


@given(
    st.lists(st.integers(1, 2000)).map(tuple), st.integers(1, 4000), st.sampled_from([12, 24, 48])
)
def test_a_phrase_goes_on_at_the_next_place_of_the_metre(phrase_lengths, begun, unit):
    now = request(phrase_lengths, begun)
    found = priming.bar_position(now, 4, unit)
    twelfths = found.head + found.offset
    assert found.head % 48 == 0
    assert twelfths % 12 in GRID
    assert twelfths * unit == 12 * (now.tune_ticks + found.gap)
    assert 0 <= found.gap < unit // 3 or twelfths % 12 in {3, 6}


@pytest.mark.parametrize("history", [(), HISTORY])
@pytest.mark.parametrize("begun", [24, 100, 192])
def test_the_metre_comes_out_where_the_phrase_goes_on(history, begun):
    now = PhraseRequest(
        index=9, tune=3, seed=1, opened=5, phrase_lengths=(384,), begun=begun, history=history
    )
    at = priming.bar_position(now, 4, 48)
    state = priming.primed(STEP, priming.events(now, 48, at), point(), at)
    assert priming.position(state) == (at.head + at.offset) % PERIOD


def test_what_is_heard_leads_up_to_the_first_event():
    at = priming.bar_position(request((384,), 25), 4, 48)
    heard = priming.events(request((384,), 25), 48, at)
    assert [token[:2] for token in heard] == [(0, 3), (2, 3), (12, 7)]
    assert sum(TWELFTHS[d] for *_, d in heard) == (96 + at.gap + 1) // 4


def test_a_call_is_heard_alone_and_twice():
    now = request((384,), call=48)
    heard = priming.events(now, 48, priming.bar_position(now, 4, 48))
    assert [token[0] for token in heard] == [2, 12, 2, 12]


@given(st.integers(0, 2 * PERIOD), st.integers(0, 10))
def test_a_state_is_placed_where_its_next_event_begins(at, duration):
    state = STEP.initial()
    state = StepState(np.array([[0, 3, duration]]), state.states)
    placed = priming.placed(state, at)
    assert priming.position(placed) == at % PERIOD
    assert placed.states[:-1] == state.states[:-1]
    assert placed.token is state.token
