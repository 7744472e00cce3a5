"""Chords as classes: from the pitch classes that sound, and to other keys.

The classes are those of the runtime: `stream.compose.polyphony.voicing`.
"""

from __future__ import annotations

from typing import Final

from stream.compose.polyphony.voicing import CLASSES, NO_CHORD, nearest, pitch_classes
from stream.music.scale import OCTAVE

CHORDS: Final = CLASSES
"""Classes."""


def chord_class(quality: int, root: int) -> int:
    """The class of a quality on a root."""
    return 1 + OCTAVE * quality + root % OCTAVE


def mask_of(chord: int) -> int:
    """The pitch classes of a chord, 12 bits, bit 0 = C; 0 for no chord."""
    return sum(1 << pitch for pitch in pitch_classes(chord))


def class_of_mask(mask: int, bass: int) -> int:
    """The chord that is most like the pitch classes `mask` (12 bits, bit 0 = C) over `bass`.

    Most like: the fewest pitch classes are missing or too many; then the root is the bass; then the
    quality that comes first. Without pitch classes there is no chord.
    """
    if mask == 0:
        return NO_CHORD
    return nearest(frozenset(pitch for pitch in range(OCTAVE) if mask >> pitch & 1), bass)


def transposed(chord: int, semitones: int) -> int:
    """The chord in another key."""
    if chord == NO_CHORD:
        return NO_CHORD
    quality, root = divmod(chord - 1, OCTAVE)
    return chord_class(quality, root + semitones)
