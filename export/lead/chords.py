"""Chords as classes: from the pitch classes that sound, and back.

Class 0 is no chord; 1 + 12 q + r is the quality number q of `QUALITIES` on the root r (0 = C).
"""

from __future__ import annotations

from functools import cache
from typing import Final

QUALITIES: Final = (
    ("major", (0, 4, 7)),
    ("minor", (0, 3, 7)),
    ("7", (0, 4, 7, 10)),
    ("minor7", (0, 3, 7, 10)),
    ("major7", (0, 4, 7, 11)),
    ("diminished", (0, 3, 6)),
    ("diminished7", (0, 3, 6, 9)),
    ("half-diminished", (0, 3, 6, 10)),
    ("augmented", (0, 4, 8)),
    ("6", (0, 4, 7, 9)),
    ("minor6", (0, 3, 7, 9)),
    ("sus4", (0, 5, 7)),
)
"""Name, and semitones above the root."""
NO_CHORD: Final = 0
OCTAVE: Final = 12
CHORDS: Final = 1 + OCTAVE * len(QUALITIES)
"""Classes."""


def chord_class(quality: int, root: int) -> int:
    """The class of a quality on a root."""
    return 1 + OCTAVE * quality + root % OCTAVE


def mask_of(chord: int) -> int:
    """The pitch classes of a chord, 12 bits, bit 0 = C; 0 for no chord."""
    if chord == NO_CHORD:
        return 0
    quality, root = divmod(chord - 1, OCTAVE)
    return sum(1 << (root + step) % OCTAVE for step in QUALITIES[quality][1])


@cache
def class_of_mask(mask: int, bass: int) -> int:
    """The chord that is most like the pitch classes `mask` (12 bits, bit 0 = C) over `bass`.

    Most like: the fewest pitch classes are missing or too many; then the root is the bass; then the
    quality that comes first. Without pitch classes there is no chord.
    """
    if mask == 0:
        return NO_CHORD

    def unlike(chord: int) -> tuple[int, bool, int]:
        return (mask ^ mask_of(chord)).bit_count(), (chord - 1) % OCTAVE != bass, chord

    return min(range(1, CHORDS), key=unlike)


def transposed(chord: int, semitones: int) -> int:
    """The chord in another key."""
    if chord == NO_CHORD:
        return NO_CHORD
    quality, root = divmod(chord - 1, OCTAVE)
    return chord_class(quality, root + semitones)
