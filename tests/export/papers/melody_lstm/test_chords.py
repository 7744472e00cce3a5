import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.papers.melody_lstm.chords import CHORDS, chord_class, class_of_mask, mask_of, transposed
from stream.compose.polyphony.voicing import NO_CHORD

chords = st.integers(0, CHORDS - 1)


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
    assert class_of_mask(mask_of(chord), (chord - 1) % 12) == chord


@given(chords, st.integers(-12, 12))
def test_another_key(chord, semitones):
    mask = mask_of(chord)
    turned = sum(1 << (i + semitones) % 12 for i in range(12) if mask >> i & 1)
    assert mask_of(transposed(chord, semitones)) == turned
    assert transposed(transposed(chord, semitones), -semitones) == chord
