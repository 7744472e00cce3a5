"""The training data of the paper's networks: a twelve-bar blues, its chords and 2^12 melodies.

Conventions: a step is an eighth of a whole note, eight a bar, 96 a chorus. Chords are twelve notes,
one a pitch class; melodies thirteen, from C to the C above. The melodies of the paper are lost:
these bars are the project's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BARS = 12
STEPS = 8
"""Steps of a bar."""
CHORUS = BARS * STEPS
CHORDS = {"C7": (0, 4, 7, 10), "F7": (5, 9, 0, 3), "A7": (9, 1, 4, 7),
          "Dm7": (2, 5, 9, 0), "G7": (7, 11, 2, 5)}  # fmt: skip
"""Pitch classes, from the root up."""
FORM = "C7 C7|F7 F7|C7 C7|C7 C7|F7 F7|F7 F7|C7 C7|A7 A7|Dm7 Dm7|G7 G7|C7 A7|Dm7 G7"
"""A chord for each half of a bar."""
SCALE = (0, 3, 5, 7, 10, 12)
"""Scale of the melody: the minor pentatonic on C, as semitones above it."""
MELODY = (
    ("0 3 5 3", "7 5 3 0"), ("5 3 0 3", "12 10 5 3"), ("7 10 7 5", "0 3 5 7"),
    ("10 7 5 3", "12 10 7 10"), ("5 7 5 3", "3 5 10 5"), ("12 10 5 0", "0 5 3 5"),
    ("3 0 3 5", "7 10 12 10"), ("7 10 7 0", "0 7 5 7"), ("5 0 5 7", "10 12 5 0"),
    ("5 7 10 7", "7 5 10 5"), ("0 3 7 10", "12 7 5 7"), ("5 3 7 5", "10 5 7 3"),
)  # fmt: skip
"""Two bars of four quarter notes for each bar of the form, as semitones above C."""
PITCHES = SCALE[-1] + 1


def chords() -> Floats:
    """Return the chords of one chorus: zeros and ones [96, 12]."""
    found = np.zeros((CHORUS, 12), np.float32)
    for i, name in enumerate(FORM.replace("|", " ").split()):
        half = STEPS // 2
        found[i * half : (i + 1) * half, list(CHORDS[name])] = 1.0
    return found


def bars() -> Ints:
    """Return the pitch at each step of each bar of `MELODY`: [12, 2, 8]."""
    quarters = np.array([[[int(p) for p in bar.split()] for bar in two] for two in MELODY])
    return np.asarray(quarters.repeat(STEPS // 4, -1), np.int64)


def melodies(choices: Ints) -> Floats:
    """Return choruses [96, B, 13], one for each row of `choices` [B, 12], which are 0 or 1."""
    pitches = bars()[np.arange(BARS), choices].reshape(len(choices), CHORUS)
    return np.asarray(np.eye(PITCHES, dtype=np.float32)[pitches.T])


def songs(choices: Ints) -> Floats:
    """Return chords and melodies [96, B, 25], for `choices` [B, 12]."""
    under = np.broadcast_to(chords()[:, None], (CHORUS, len(choices), 12))
    return np.concatenate([under, melodies(choices)], -1)


def known(pitches: Ints) -> NDArray[np.bool_]:
    """Return which bars of choruses [n, 96] are among those written for their place: [n, 12]."""
    played = pitches.reshape(-1, BARS, 1, STEPS)
    return np.asarray((played == bars()).all(-1).any(-1))
