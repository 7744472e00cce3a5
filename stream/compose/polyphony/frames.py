"""Notes as frames: what sounds at each step of a grid. What all kinds of frames have in common.

Conventions: a *frame* is the row of tokens that one step of a voice gives, frames are int64 [T, M]
for M heads. What the tokens mean is told by the `Kind`. START, one past the last class of each
head, is only ever an input: the frame before the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.music.note import Note

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PERIOD: Final = 2**20
"""Frames in which the position of a voice goes round."""


def held(line: Ints) -> Iterable[tuple[int, int, int]]:
    """(begin, end, pitch) of each stretch of one pitch in a line [T], 0 being silence."""
    turns = np.flatnonzero(np.diff(line)) + 1
    for begin, end in pairwise([0, *turns.tolist(), len(line)]):
        if end > begin and line[begin]:
            yield begin, end, int(line[begin])


def tied(lines: Iterable[tuple[int, Ints]], ticks: int) -> tuple[Note, ...]:
    """The notes of lines [T], each with its channel: a pitch that goes on is one note."""
    return in_order(
        Note(begin * ticks, (end - begin) * ticks, pitch, channel=channel)
        for channel, line in lines
        for begin, end, pitch in held(line)
    )


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """By onset and channel, from the highest down."""
    return tuple(sorted(notes, key=lambda note: (note.onset, note.channel, -note.pitch)))


def spans(notes: Sequence[Note], ticks: int, count: int) -> Iterable[tuple[int, int, Note]]:
    """First frame of each note among `count` frames of `ticks`, and the one behind its last.

    Notes off the grid are moved to the nearest frame.
    """
    for note in notes:
        begin = (2 * note.onset + ticks) // (2 * ticks)
        end = max((2 * note.end + ticks) // (2 * ticks), begin + 1)
        begin, end = max(begin, 0), min(end, count)
        if begin < end:
            yield begin, end, note
