"""One part as a line on the grid of frames: the pitch that sounds in each, and where it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.frames import Flags, Ints, spans
from stream.music.note import Note

REST = 0
"""Pitch of a frame without a note."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of T frames."""

    pitch: Ints
    """MIDI numbers [T], `REST` for none."""
    struck: Flags
    """True [T] where a note begins."""

    def starts(self) -> Ints:
        """Return the frames at which something changes, a note or a rest, [n]."""
        silenced = np.diff(self.pitch, prepend=REST) != 0
        return np.flatnonzero(self.struck | silenced)


def line(notes: Sequence[Note], first: int, count: int) -> Line:
    """Return the highest line of notes in `count` frames, the first at tick `first`.

    A later note ends the one before, and of notes that begin together the highest counts. A note
    off the grid is moved to the nearest frame.
    """
    pitch, struck = np.full(count, REST, np.int64), np.zeros(count, bool)
    moved = [note.moved(-first) for note in notes if note.end > first]
    for begin, end, note in spans(sorted(moved, key=_order), FRAME, count):
        pitch[begin:end] = note.pitch
        struck[begin + 1 : end] = False
        struck[begin] |= note.onset > -FRAME // 2
    return Line(pitch, struck)


def _order(note: Note) -> tuple[int, int]:
    return note.onset, note.pitch
