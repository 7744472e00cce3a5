"""Chord symbols of jazz become classes of chords."""

import pytest

from export.corpus.chords.symbols import chord_of
from stream.compose.polyphony.voicing import QUALITIES


@pytest.mark.parametrize(
    ("symbol", "root", "quality"),
    [
        ("Bb-7", 10, "minor7"), ("F#m7b5", 6, "half-diminished"), ("G79b/B", 7, "7"),
        ("Cj7911#", 0, "major7"), ("Ebo7", 3, "diminished7"), ("A", 9, "major"),
        ("C-69", 0, "minor6"), ("Fsus7913", 5, "sus4"), ("Cb7", 11, "7"), ("D-j7", 2, "minor"),
        ("G+7", 7, "7"), ("D+", 2, "augmented"), ("C69", 0, "6"), ("E7alt", 4, "7"),
    ],
)  # fmt: skip
def test_symbols(symbol, root, quality):
    number = [name for name, _ in QUALITIES].index(quality)
    assert chord_of(symbol) == 1 + 12 * number + root


@pytest.mark.parametrize("symbol", ["NC", "", "?", "H7"])
def test_what_is_no_chord(symbol):
    assert chord_of(symbol) == 0
