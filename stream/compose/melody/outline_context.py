"""The step's `context` input of a melody with an outline: what the tune's plan is at an event.

Conventions: an event begins at `onset` twelfths of a unit after the head of the written tune. The
first number is the distance in bars to the bar that the event's bar returns to, and the last one
that in twelfths to the head of the bar that the coming bar returns to. By these the step finds what
was played there. The rest are features, in the order of `PARTS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline import NEW, REGISTERS, Outline, Return
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes
from stream.music.scale import OCTAVE

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
ENDS: Final = (1, 2, 4, 8)
"""Bars that remain, one feature each: 1 if so many or fewer remain."""
LACKING: Final = 10
"""Numbers of notes that a bar still lacks, one feature each; the last stands for more as well."""
SPACES: Final = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""Units of the bar that remain for each note that it lacks: 1 from that number on."""
NOTES: Final = 8
"""Notes of a bar that count as 1."""
CHORD: Final = 2 * OCTAVE
PARTS: Final = ("returns", "ends", "registers", "chords", "counts")
"""Parts of the context: what returns, the bars that remain, registers, chords, notes of bars."""
WIDTHS: Final = {
    "plan": 2,
    "returns": 4,
    "ends": len(ENDS),
    "registers": REGISTERS + 1,
    "chords": 2 * CHORD + 2,
    "counts": LACKING + len(SPACES) + 1,
    "ahead": 1,
}
"""Features of each part; the plan is the distance, and that there is a plan at all; `ahead` is a
distance alone."""


def _slices() -> dict[str, slice]:
    ends = np.cumsum(list(WIDTHS.values())).tolist()
    return {
        name: slice(end - width, end)
        for (name, width), end in zip(WIDTHS.items(), ends, strict=True)
    }


SLICES: Final = _slices()
WIDTH: Final = sum(WIDTHS.values())
AHEAD: Final = SLICES["ahead"].start
FORM: Final = SLICES["registers"].stop
"""Features that are the same in a whole bar; they come first."""


def mask_of(parts: Sequence[str]) -> Floats:
    """Return 1 for the features [WIDTH] of these parts and of the plan, and 0 for the others."""
    mask = np.zeros(WIDTH, np.float32)
    for part in ("plan", *parts):
        mask[SLICES[part]] = 1
    return mask


class OutlineContext:
    """The contexts of one outline: a row for each bar, and a row for each chord."""

    def __init__(self, outline: Outline) -> None:
        self._bar = 12 * outline.bar
        self._form = np.zeros((outline.bars + 1, FORM), np.float32)
        self._form[:-1] = [_form(outline, at) for at in range(outline.bars)]
        self._counts = np.array([*outline.counts, 0, 0], np.int64)
        lags = [each.lag for each in outline.returns[1:]]
        self._ahead = self._bar * (np.array([*lags, 0, 0], np.int64) - 1)
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
        rows[:, SLICES["chords"]] = self._chords_at(onsets)
        planned = bars < len(self._form) - 1
        rows[:, SLICES["counts"]] = self._counts_at(onsets, bars, notes) * planned[:, None]
        ahead = self._ahead[bars] + onsets % self._bar
        rows[:, AHEAD] = np.where(self._ahead[bars] >= 0, ahead, 0)
        return rows

    def _chords_at(self, onsets: Ints) -> Floats:
        """Return this chord, the next one, the time to it, and that there are chords."""
        number = np.searchsorted(self._ends, onsets, side="right")
        known = number < len(self._ends)
        time = np.zeros(len(onsets), np.float32)
        time[known] = 12 / (12 + self._ends[number[known]] - onsets[known])
        return np.column_stack([self._chords[number], time, known]).astype(np.float32)

    def _counts_at(self, onsets: Ints, bars: Ints, notes: Ints) -> Floats:
        """Return the notes that the bar lacks, the room for each, and the notes of the next."""
        lacking = np.clip(self._counts[bars] - notes, 0, LACKING - 1)
        space = (self._bar - onsets % self._bar) / (12 * np.maximum(lacking, 1))
        return np.column_stack(
            [
                lacking[:, None] == np.arange(LACKING),
                space[:, None] >= np.array(SPACES),
                self._counts[bars + 1] / NOTES,
            ]
        ).astype(np.float32)

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
    register, after = (*outline.registers, outline.registers[-1])[at : at + 2]
    return np.array(
        [
            here.lag,
            1,
            *_likeness(here),
            *_likeness(following),
            *(remain <= n for n in ENDS),
            *(register == n for n in range(REGISTERS)),
            (after - register) / 2,
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
