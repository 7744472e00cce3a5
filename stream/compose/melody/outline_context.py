"""The step's `context` input of a melody with an outline: what the tune's plan is at an event.

Conventions: an event begins at `onset` twelfths of a unit after the head of the written tune. The
first number is the distance in bars to the bar that the event's bar returns to, by which the step
finds what was played there; the rest are features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline import NEW, Outline, Return
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes
from stream.music.scale import OCTAVE

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
LEFT: Final = (1, 2, 4, 8)
"""Bars that remain, one feature each: 1 if so many or fewer remain."""
FORM: Final = 1 + 2 + 2 + len(LEFT) + 2 + 1
"""Features of the form: the distance, the likeness of this bar and of the next, the bars that
remain, the notes of this bar and of the next, and that there is a plan."""
NOTES: Final = 8
"""Notes of a bar that count as 1."""
CHORD: Final = 2 * OCTAVE
CHORDS: Final = 2 * CHORD + 2
"""Features of the chords: root and pitch classes of this chord and of the next, the time to the
next, and that there are chords."""
WIDTH: Final = FORM + CHORDS + 1
"""The last feature is the notes that this bar still lacks."""
PARTS: Final = ("returns", "ends", "counts", "chords")
"""Parts of the context: what returns, the bars that remain, the notes of bars, and the chords."""


def mask_of(parts: Sequence[str]) -> Floats:
    """Return 1 for the features [WIDTH] of these parts, and 0 for the others."""
    ends = FORM - 3 - len(LEFT)
    columns = {
        "returns": range(1, ends),
        "ends": range(ends, FORM - 3),
        "counts": (FORM - 3, FORM - 2, WIDTH - 1),
        "chords": range(FORM, WIDTH - 1),
    }
    mask = np.zeros(WIDTH, np.float32)
    for part in parts:
        mask[list(columns[part])] = 1
    mask[[0, FORM - 1]] = 1
    return mask


class OutlineContext:
    """The contexts of one outline: a row for each bar, and a row for each chord."""

    def __init__(self, outline: Outline) -> None:
        self._bar = 12 * outline.bar
        self._form = np.zeros((outline.bars + 1, FORM), np.float32)
        self._form[:-1] = [_form(outline, at) for at in range(outline.bars)]
        self._counts = np.array([*outline.counts, 0], np.int64)
        self._ends = np.cumsum([12 * length for _, length in outline.chords], dtype=np.int64)
        chords = [_chord(chord) for chord, _ in outline.chords]
        self._chords = np.zeros((len(chords) + 1, 2 * CHORD), np.float32)
        for at, chord in enumerate(chords):
            self._chords[at] = np.concatenate([chord, chords[min(at + 1, len(chords) - 1)]])

    def at(self, onsets: Ints, notes: Ints) -> Floats:
        """Return the contexts [n, WIDTH] of events with these onsets; zeros beyond the outline.

        `notes` [n] are the notes that have begun in the event's bar before it.
        """
        rows = np.zeros((len(onsets), WIDTH), np.float32)
        bars = np.minimum(onsets // self._bar, len(self._form) - 1)
        rows[:, :FORM] = self._form[bars]
        number = np.searchsorted(self._ends, onsets, side="right")
        rows[:, FORM:-3] = self._chords[number]
        known = np.flatnonzero(number < len(self._ends))
        rows[known, -3] = 12 / (12 + self._ends[number[known]] - onsets[known])
        rows[known, -2] = 1
        rows[:, -1] = np.clip(self._counts[bars] - notes, -NOTES, 2 * NOTES) / NOTES
        rows[bars == len(self._form) - 1, -1] = 0
        return rows

    def of(self, onsets: Ints, sounding: NDArray[np.bool_]) -> Floats:
        """Return the contexts [n, WIDTH] of all events of a tune; those that sound are notes."""
        before: Ints = np.cumsum(sounding) - sounding
        bars = onsets // self._bar
        first = np.searchsorted(bars, bars)
        return self.at(onsets, before - before[first])


def _form(outline: Outline, at: int) -> Floats:
    """Return the features [FORM] of a bar."""
    here = outline.returns[at]
    following = outline.returns[at + 1] if at + 1 < outline.bars else Return()
    remain = outline.bars - at
    return np.array(
        [
            here.lag,
            *_likeness(here),
            *_likeness(following),
            *(remain <= n for n in LEFT),
            *(count / NOTES for count in (*outline.counts, 0)[at : at + 2]),
            1,
        ],
        np.float32,
    )


def _likeness(found: Return) -> list[bool]:
    return [found.likeness == degree for degree in (NEW + 1, NEW + 2)]


def _chord(chord: int) -> Floats:
    """Return the features [CHORD] of a chord: its root and its pitch classes."""
    row = np.zeros(CHORD, np.float32)
    if chord != NO_CHORD:
        row[(chord - 1) % OCTAVE] = 1
        row[[OCTAVE + each for each in pitch_classes(chord)]] = 1
    return row
