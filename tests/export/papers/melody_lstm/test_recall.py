import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.papers.melody_lstm.recall import REACH, SOURCES, RunningVotes, likeness

CLASSES, CHORDS = 6, 4
sources = pytest.mark.parametrize("source", SOURCES)


def lines(*classes):
    return st.integers(1, 60).flatmap(
        lambda n: st.tuples(
            *(
                st.lists(st.integers(0, c - 1), min_size=n, max_size=n).map(np.array)
                for c in classes
            )
        )
    )


@sources
@settings(deadline=None, max_examples=10)
@given(melody_and_chords=lines(CLASSES, CHORDS))
def test_step_by_step_it_votes_the_same(source, melody_and_chords):
    """The future is not used either, as the steps do not have it."""
    pitch, chord = melody_and_chords
    whole = likeness(source, pitch)
    melody, chords = whole.melody(pitch, CLASSES), whole.chord(chord, CHORDS)
    listener, past = RunningVotes(source, 1, CLASSES), np.full((1, REACH), -1)
    for i in range(len(pitch)):
        np.testing.assert_allclose(listener.votes()[0], melody[i], atol=1e-9)
        listener.observe(pitch[i : i + 1])
        np.testing.assert_allclose(listener.votes(past, CHORDS)[0], chords[i], atol=1e-9)
        past = np.concatenate([past[:, 1:], chord[None, i : i + 1]], 1)
    assert (melody.sum(1) < 1).all()


@sources
def test_a_repeat_is_recalled(source):
    """A repeat is predicted; the first time nothing is."""
    line = np.array([1, 2, 3, 4, 5, 1, 3, 5, 2, 4, 1, 4, 2, 5, 3, 3, 1, 1, 5, 5, 4, 4, 2, 2] * 3)
    votes = likeness(source, line).melody(line, CLASSES)
    assert votes[0].sum() == 0
    assert (votes[56:].argmax(1) == line[56:]).all()
    assert votes[-1].max() > 0.7
