"""Chords as classes: the class of sounding pitch classes.

The classes are those of the runtime: `stream.compose.polyphony.voicing`.
"""

from __future__ import annotations

from typing import Final

from stream.compose.polyphony.voicing import CLASSES, NO_CHORD, nearest
from stream.music.scale import OCTAVE

CHORDS: Final = CLASSES
"""Number of chord classes."""


def class_of_mask(mask: int, bass: int) -> int:
    """Return the chord that is nearest to the pitch classes `mask` (12 bits, bit 0 = C) on `bass`.

    Nearest is the one with the fewest missing and additional pitch classes; then the one whose root
    is the bass; then the one with the first quality. Without pitch classes there is no chord.
    """
    if mask == 0:
        return NO_CHORD
    return nearest(frozenset(pitch for pitch in range(OCTAVE) if mask >> pitch & 1), bass)
