import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.scale import (
    DEGREES,
    folded,
    key_name,
    pitch_classes,
    signature,
    transposed_key,
)


@pytest.mark.parametrize(
    ("pitch", "low", "high", "moved"),
    [
        (60, 0, 127, 60),
        (72, 36, 60, 60),
        (73, 36, 60, 49),
        (30, 36, 60, 42),
        (0, 36, 60, 36),
        (127, 0, 72, 67),
        # Narrower than an octave: to the edge that is near.
        (72, 60, 64, 60),
        (71, 60, 64, 64),
        (55, 60, 64, 60),
    ],
)
def test_folding(pitch, low, high, moved):
    assert folded(pitch, low, high) == moved


@pytest.mark.parametrize(
    ("tonic", "mode", "name", "found"),
    [
        (0, "major", "C major", (0, False)),
        (9, "minor", "A minor", (0, True)),
        (3, "major", "Eb major", (-3, False)),
        (6, "minor", "F# minor", (3, True)),
        (1, "major", "Db major", (-5, False)),
        (6, "major", "F# major", (6, False)),
        (3, "minor", "Eb minor", (-6, True)),
        (8, "minor", "G# minor", (5, True)),
        (10, "minor", "Bb minor", (-5, True)),
        (4, "dorian", "E dorian", (2, True)),
        (9, "mixolydian", "A mixolydian", (2, False)),
        (0, "", "", None),
    ],
)
def test_a_key_has_its_usual_name_and_signature(tonic, mode, name, found):
    assert key_name(tonic, mode) == name
    assert signature(name) == found


@given(st.integers(0, 11), st.sampled_from(sorted(DEGREES)), st.integers(-36, 36))
def test_a_key_moves_with_its_notes(tonic, mode, semitones):
    key = key_name(tonic, mode)
    moved = transposed_key(key, semitones)
    assert pitch_classes(moved) == {(pitch + semitones) % 12 for pitch in pitch_classes(key)}
    assert transposed_key(moved, -semitones) == key


def test_an_unknown_key_stays_unknown():
    assert transposed_key("", 3) == ""
    assert signature("A minor pentatonic") is None
