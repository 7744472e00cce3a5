"""Notes as frames, the pitches at each step of a grid: what all kinds of frames share.

Conventions: a *frame* is the row of tokens that one step of a voice returns; frames are int64 [T,
M] for M heads. The `FrameKind` defines the meaning of the tokens. START, one past the last class of
each head, is only ever an input: the frame before the first one.
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
"""Frames after which the position of a voice repeats."""


def held(line: Ints) -> Iterable[tuple[int, int, int]]:
    """Yield (begin, end, pitch) of each stretch of one pitch in a line [T], 0 being silence."""
    turns = np.flatnonzero(np.diff(line)) + 1
    for begin, end in pairwise([0, *turns.tolist(), len(line)]):
        if end > begin and line[begin]:
            yield begin, end, int(line[begin])


def tied(lines: Iterable[tuple[int, Ints]], ticks: int) -> tuple[Note, ...]:
    """Return the notes of lines [T], each with its channel; a pitch that continues is one note."""
    return in_order(
        Note(begin * ticks, (end - begin) * ticks, pitch, channel=channel)
        for channel, line in lines
        for begin, end, pitch in held(line)
    )


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes by onset and channel, from the highest down."""
    return tuple(sorted(notes, key=lambda note: (note.onset, note.channel, -note.pitch)))


def spans(notes: Sequence[Note], ticks: int, count: int) -> Iterable[tuple[int, int, Note]]:
    """Yield the first frame of each note, and the one after its last, and the note.

    There are `count` frames of `ticks`. Notes off the grid are moved to the nearest frame.
    """
    for note in notes:
        begin = (2 * note.onset + ticks) // (2 * ticks)
        end = max((2 * note.end + ticks) // (2 * ticks), begin + 1)
        begin, end = max(begin, 0), min(end, count)
        if begin < end:
            yield begin, end, note
