import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose import call_and_response
from stream.compose.melody.person import Person
from stream.music.note import Note, PhraseRequest

PITCHES = st.lists(st.integers(0, 127), min_size=1, max_size=20)


def melody(*notes):
    pitch, length = zip(*notes, strict=True)
    return np.array(pitch), np.array(length)


def called(pitches, call=1000):
    history = tuple(Note(i - len(pitches), 1, pitch) for i, pitch in enumerate(pitches))
    return PhraseRequest(index=1, tune=0, seed=1, history=history, call=call)


@given(PITCHES)
def test_a_call_is_moved_to_middle_c_by_octaves(pitches):
    request = called(pitches)
    shift = call_and_response.shift(request)
    moved = [n.pitch for n in call_and_response.in_register(request, shift).history]
    assert shift % 12 == 0
    assert [pitch % 12 for pitch in moved] == [pitch % 12 for pitch in pitches]
    middle = [p + shift for p in sorted(pitches)][(len(pitches) - 1) // 2]
    assert 60 <= middle <= 71


def test_only_the_call_says_where_the_person_plays():
    assert call_and_response.shift(called([60, 60, 36, 40, 43], call=3)) == 24
    assert call_and_response.shift(called([36, 40, 43], call=0)) == 0
    assert call_and_response.shift(called([], call=9)) == 0


@given(PITCHES, st.integers(-5, 5))
def test_an_answer_is_moved_back_and_stays_on_the_keyboard(pitches, octaves):
    notes = tuple(Note(0, 1, pitch) for pitch in pitches)
    back = call_and_response.out_of_register(notes, 12 * octaves)
    assert all(0 <= n.pitch <= 127 for n in back)
    for one, other in zip(notes, back, strict=True):
        at = one.pitch - 12 * octaves
        assert other.pitch == at or not 0 <= at <= 127
        assert (other.pitch - one.pitch) % 12 == 0


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ([(60, 12), (62, 12)], [(72, 12), (50, 12)], 0.0),
        ([(60, 12)], [(61, 12)], 1.0),
        ([(60, 12)], [(60, 24)], 1.0),
        ([(60, 12)], [(61, 24)], 2.0),
        ([(60, 12), (62, 12)], [(60, 12)], 0.5),
        ([(60, 36), (62, 12)], [(60, 12), (62, 12)], 0.75),
        ([(60, 13)], [(60, 12)], 0.0),
    ],
)
def test_distance(one, other, distance):
    assert call_and_response.distance(melody(*one), melody(*other)) == pytest.approx(distance)


def test_a_melody_without_notes_is_at_a_distance():
    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
    assert call_and_response.distance(melody((60, 12)), nothing) == 1.0


def test_the_nearest_of_those_that_pass_answers():
    call = melody((60, 12), (64, 24))
    others = [melody((60, 12), (64, 24)), melody((61, 12)), melody((72, 12), (52, 24))]
    assert call_and_response.nearest(call, others, [1, 2]) == 2
    assert call_and_response.nearest(call, others, [0, 1, 2]) == 0


def test_what_the_person_plays_is_preferred_if_it_is_known():
    call = melody((60, 12), (64, 12))
    known = Person([(p, 3, 5) for p in (0, 4, 7, 4) * 8])
    others = [melody((60, 12), (61, 12), (62, 12)), melody((60, 12), (64, 12), (67, 12))]
    assert call_and_response.strangeness(known, others[1]) < 1.5
    assert call_and_response.strangeness(known, others[0]) > 1.5
    assert call_and_response.nearest(call, others, [0, 1], known) == 1
    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
    assert call_and_response.strangeness(known, nothing) == 4.0
