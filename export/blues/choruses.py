"""Choruses to learn from: chords, melody and bass, frame by frame, as many as are asked for.

Conventions: frames [T, 3] int64 of melody, chord and bass as in lead sheets of the runtime, in C:
melody and bass have 0 where they go on, 1 where a rest begins, c >= 2 where MIDI 19 + c is struck.
"""

from __future__ import annotations

import numpy as np

from export.blues.bass import Events, bass_line
from export.blues.forms import CHORUS, HALF, Ints, form
from export.blues.licks import melody

GOES_ON, ENDS, BELOW = 0, 1, 19


def chorus(style: str, rng: np.random.Generator) -> Ints:
    """Return one chorus [384, 3]."""
    chords = form(style)
    lines = (melody(style, chords, rng), bass_line(style, chords, rng))
    upper, lower = (line(events) for events in lines)
    return np.stack([upper, chords.repeat(HALF), lower], 1)


def line(events: Events) -> Ints:
    """Return classes of one part [384]; a note ends where the next begins at the latest."""
    found = np.full(CHORUS, GOES_ON, np.int64)
    ordered = sorted(events)
    for (frame, length, pitch), after in zip(ordered, [*ordered[1:], None], strict=True):
        found[frame] = pitch - BELOW
        end, limit = frame + length, after[0] if after else CHORUS
        if end < limit:
            found[end] = ENDS
    return found
