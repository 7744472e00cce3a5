import numpy as np
import pytest

from stream.compose.polyphony import priming
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.frames import PERIOD
from stream.compose.polyphony.sampler import SamplingSchedule
from stream.compose.step import Point, Step
from stream.music.note import Note, PhraseRequest
from tests.stream.compose import conftest

BAR = 16


def request(phrase_lengths=(), begun=0, history=(), **changes):
    given = {"index": 5, "tune": 1, "seed": 1, "opened": 4}
    return PhraseRequest(
        **given | changes, phrase_lengths=phrase_lengths, begun=begun, history=history
    )


def test_the_tune_is_told_by_its_own_notes():
    """What was before it is left out."""
    rows = np.array([[40, 30, 20, 10]] * 20 + [[41, 0, 20, 10]] * 12)
    notes = [note.moved(-384) for note in CHORALE.decode(rows)]
    older = Note(-500, 48, 70)
    found = priming.primed_tune(CHORALE, request((192, 192), history=(older, *notes)), BAR)
    np.testing.assert_array_equal(found.frames, rows)
    assert found.gap == 0


@pytest.mark.parametrize(
    ("asked", "count", "gap"),
    [
        (request(), 0, 0),
        (request((384,), 192), 48, 0),
        (request((384,), 193), 49, 11),
        (request((), 1), 1, 11),
        # The stream's first phrase was of two bars, of which two frames were silent.
        (request((360,), opened=0), 32, 0),
        (request((360,)), 30, 0),
    ],
)
def test_where_a_tune_stands(asked, count, gap):
    found = priming.primed_tune(CHORALE, asked, BAR)
    assert (len(found.frames), found.gap) == (count, gap)


def test_a_call_is_heard_twice():
    asked = request(history=(Note(-96, 48, 60, channel=3), Note(-48, 48, 64)), call=96)
    found = priming.call_frames(CHORALE, asked)
    assert found.tolist() == ([[33, 0, 0, 0]] * 4 + [[37, 0, 0, 0]] * 4) * 2


@pytest.mark.parametrize("position", [0, 16, 8, PERIOD + 3])
def test_a_voice_knows_its_place(position):
    step = Step(conftest.CHORALE)
    style = np.zeros((1, len(step.spec.tags)), np.float32)
    way = SamplingSchedule(Point(np.zeros((1, 0), np.float32), style), None)
    heard = np.array([[40, 35, 30, 20]] * 5)
    state = priming.primed(step, heard, way, position)
    assert priming.position(state) == position % PERIOD
    assert state.token.tolist() == [[40, 35, 30, 20]]
    nothing = priming.primed(step, heard[:0], way, position)
    assert nothing.token.tolist() == [list(step.spec.heads)]
