"""The forms of the voice: four kinds of twelve-bar blues, a chord for each half of a bar.

Chords are classes as in lead sheets of the runtime, in C: 1 + 12 * quality + root.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BARS = 12
HALVES = 2 * BARS
BEAT = 8
"""Frames: a frame is a thirty-second of a whole note."""
HALF = 2 * BEAT
BAR = 2 * HALF
CHORUS = BARS * BAR
TICKS = 6
"""Ticks of a frame."""

FORMS = {
    "major": "C7|C7|C7|C7|F7|F7|C7|C7|G7|F7|C7|C7 G7",
    "minor": "Cm7|Cm7|Cm7|Cm7|Fm7|Fm7|Cm7|Cm7|Ab7|G7|Cm7|Cm7 G7",
    "quick": "C7|F7|C7|C7|F7|F7|C7|C7|G7|F7|C7 F7|C7 G7",
    "jazz": "C7|F7|C7|Gm7 C7|F7|F#dim7|C7|Em7b5 A7|Dm7|G7|C7 A7|Dm7 G7",
}
"""Forms by style: the plain one, in minor, with the change in the second bar, and of bebop."""
STYLES = tuple(FORMS)
QUALITIES = {"7": (2, (0, 4, 7, 10)), "m7": (3, (0, 3, 7, 10)), "dim7": (6, (0, 3, 6, 9)),
             "m7b5": (7, (0, 3, 6, 10))}  # fmt: skip
"""Number in lead sheets of the runtime, and semitones above the root."""
ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "F#": 6, "G": 7, "Ab": 8, "A": 9}
KEYS = {"A": -3, "B-flat": -2, "C": 0, "D": 2, "E-flat": 3, "F": 5, "G": -5}
"""Semitones by which a tune is played away from C."""


def chord_class(name: str) -> int:
    """Return the class of a chord as the forms name it."""
    root = name[:2] if name[:2] in ROOTS else name[:1]
    return 1 + 12 * QUALITIES[name[len(root) :]][0] + ROOTS[root]


def chord_tones(chord: int) -> tuple[int, ...]:
    """Return the pitch classes of a chord's class, from the root up."""
    quality, root = divmod(chord - 1, 12)
    above = next(tones for number, tones in QUALITIES.values() if number == quality)
    return tuple((root + tone) % 12 for tone in above)


def form(style: str) -> Ints:
    """Return the classes of the chords of a chorus [24]."""
    bars = [bar.split() for bar in FORMS[style].split("|")]
    return np.array([chord_class(name) for bar in bars for name in (bar * 2)[:2]])


CHORDS = tuple(sorted({int(chord) for style in STYLES for chord in form(style)}))
"""Every chord that there is, for networks that need to know no others."""
