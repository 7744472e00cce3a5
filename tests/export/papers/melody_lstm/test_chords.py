import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.corpus.chords.keys import chord_classes
from export.papers.melody_lstm.chords import CHORDS, class_of_mask
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes

chords = st.integers(0, CHORDS - 1)


def chord_class(quality, root):
    return 1 + 12 * quality + root


@pytest.mark.parametrize(
    ("pitches", "bass", "chord"),
    [
        ((0, 4, 7), 0, chord_class(0, 0)),
        ((0, 4, 7), 7, chord_class(0, 0)),
        ((2, 5, 7, 11), 2, chord_class(2, 7)),
        ((0, 3, 5, 9), 5, chord_class(2, 5)),
        ((0, 4, 7, 9), 9, chord_class(3, 9)),
        ((0, 4, 7, 9), 0, chord_class(9, 0)),
        ((0, 4, 8), 8, chord_class(8, 8)),
        ((0, 1, 4, 7, 10), 0, chord_class(2, 0)),
        ((), 0, NO_CHORD),
    ],
)
def test_the_nearest_chord(pitches, bass, chord):
    assert class_of_mask(sum(1 << p for p in pitches), bass) == chord


@given(chords.filter(bool))
def test_a_chord_over_its_root_is_itself(chord):
    mask = sum(1 << p for p in pitch_classes(chord))
    assert class_of_mask(mask, (chord - 1) % 12) == chord


@given(chords, st.integers(-12, 12))
def test_another_key(chord, semitones):
    moved = int(chord_classes(semitones)[chord])
    expected = tuple((p + semitones) % 12 for p in pitch_classes(chord))
    assert pitch_classes(moved) == expected
    assert chord_classes(-semitones)[moved] == chord
