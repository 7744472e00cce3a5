"""Notes as frames: what sounds at each step of a grid, and back.

Conventions: a *frame* is the row of tokens that one step of a voice gives, frames are int64 [T, M]
for M heads. A `chorale` has four heads, a part each from the soprano down: 0 is silence, class c is
MIDI 27 + c, and a pitch that is the same as in the frame before is held. A `pianoroll` has twelve:
the pitches that sound, from the highest down, class c is MIDI 21 + c, and END behind the last.
START, one past the last class of each head, is only ever an input: the frame before the first one.

A part of a chorale has a channel of its own, 0 to 3; a piano is on channel 0. Notes are held within
a phrase and struck again at the head of the next, which no note of the one before reaches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.note import Note

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CHORALE, PIANOROLL = "chorale", "pianoroll"
PARTS: Final = 4
"""Of a chorale: soprano, alto, tenor, bass."""
SILENT: Final = 0
"""Class of a part that does not sound."""
BELOW: Final = 27
"""The MIDI number that class 0 of a part would have."""
PITCHES: Final = 63
"""Of a part: MIDI 28 to 90."""
KEYS: Final = 88
"""Of a piano, and columns of a roll."""
LOWEST_KEY: Final = 21
"""MIDI number of class 0 of a piano's head, and of column 0 of a roll."""
END: Final = KEYS
"""Behind the lowest pitch of a piano's frame."""
SLOTS: Final = 12
"""Notes that a piano's frame may hold."""
OCTAVE: Final = 12

HEADS: Final = {CHORALE: (PITCHES + 1,) * PARTS, PIANOROLL: (KEYS + 1,) * SLOTS}
"""Classes of each head by the kind of voice; START is the token of each."""
TICKS: Final = {CHORALE: 12, PIANOROLL: 24}
"""In a frame: a sixteenth, an eighth."""
PERIOD: Final = 2**20
"""Frames in which the position of a voice goes round."""


def pitches(kind: str, frames: Ints) -> Ints:
    """MIDI numbers [T, M] of what sounds, 0 for nothing. No pitch is twice in a piano's frame."""
    if kind == CHORALE:
        return np.where(frames == SILENT, 0, frames + BELOW)
    return np.where(_sounding(frames), frames + LOWEST_KEY, 0)


def _sounding(frames: Ints) -> Flags:
    """[T, M]: which tokens of a piano are notes: before END, each pitch once."""
    before = np.logical_and.accumulate(frames != END, axis=1)
    same = frames[:, :, None] == frames[:, None, :]
    again = np.tril(same, -1).any(2)
    return np.asarray(before & ~again)


def roll(kind: str, frames: Ints) -> Flags:
    """[T, 88]: which keys of a piano sound."""
    out = np.zeros((len(frames), KEYS), bool)
    sounding = pitches(kind, frames)
    rows, heads = np.nonzero(sounding)
    out[rows, sounding[rows, heads] - LOWEST_KEY] = True
    return out


def decode(kind: str, frames: Ints) -> tuple[Note, ...]:
    """The notes of a phrase, in order of onset; every pitch of a channel sounds once at a time."""
    ticks = TICKS[kind]
    if kind == CHORALE:
        lines = [(part, pitches(kind, frames)[:, part]) for part in range(PARTS)]
    else:
        keys = roll(kind, frames)
        used = np.flatnonzero(keys.any(0))
        lines = [(0, np.where(keys[:, key], key + LOWEST_KEY, 0)) for key in used.tolist()]
    notes = [
        Note(begin * ticks, (end - begin) * ticks, pitch, channel=channel)
        for channel, line in lines
        for begin, end, pitch in _held(line)
    ]
    return tuple(sorted(notes, key=lambda note: (note.onset, note.channel, -note.pitch)))


def _held(line: Ints) -> Iterable[tuple[int, int, int]]:
    """(begin, end, pitch) of each stretch of one pitch in a line [T], 0 being silence."""
    turns = np.flatnonzero(np.diff(line)) + 1
    for begin, end in pairwise([0, *turns.tolist(), len(line)]):
        if end > begin and line[begin]:
            yield begin, end, int(line[begin])


def encode(kind: str, notes: Sequence[Note], count: int) -> Ints:
    """Frames [count, M] of notes that were decoded; their onsets are ticks from the first frame.

    Notes off the grid are moved to the nearest frame.
    """
    spans = _spans(kind, notes, count)
    if kind == CHORALE:
        out = np.full((count, PARTS), SILENT, np.int64)
        for begin, end, note in spans:
            out[begin:end, note.channel % PARTS] = _folded(note.pitch, BELOW + 1, PITCHES) - BELOW
        return out
    keys = np.zeros((count, KEYS), bool)
    for begin, end, note in spans:
        keys[begin:end, _folded(note.pitch, LOWEST_KEY, KEYS) - LOWEST_KEY] = True
    return listed(keys)


def _spans(kind: str, notes: Sequence[Note], count: int) -> Iterable[tuple[int, int, Note]]:
    """First frame of each note, and the one behind its last."""
    ticks = TICKS[kind]
    for note in notes:
        begin = (2 * note.onset + ticks) // (2 * ticks)
        end = max((2 * (note.onset + note.duration) + ticks) // (2 * ticks), begin + 1)
        if end > 0 and begin < count:
            yield max(begin, 0), min(end, count), note


def listed(keys: Flags) -> Ints:
    """Frames [T, 12] of a piano in which the keys of a roll [T, 88] sound, at most the highest."""
    order = np.argsort(~keys[:, ::-1], axis=1, kind="stable")[:, :SLOTS]
    highest = KEYS - 1 - order
    return np.where(np.take_along_axis(keys, highest, 1), highest, END)


def arranged(kind: str, notes: Sequence[Note], count: int) -> Ints:
    """Frames [count, M] of anybody's notes, whatever their channels.

    In a chorale the highest that sounds is the soprano's, and of more than four the lowest is the
    bass's.
    """
    if kind != CHORALE:
        return encode(kind, notes, count)
    sounding: list[set[int]] = [set() for _ in range(count)]
    for begin, end, note in _spans(kind, notes, count):
        for frame in sounding[begin:end]:
            frame.add(_folded(note.pitch, BELOW + 1, PITCHES))
    out = np.full((count, PARTS), SILENT, np.int64)
    for at, there in enumerate(sounding):
        chord = sorted(there, reverse=True)
        chord = chord if len(chord) <= PARTS else [*chord[: PARTS - 1], chord[-1]]
        out[at, : len(chord)] = np.array(chord, np.int64) - BELOW
    return out


def _folded(pitch: int, low: int, count: int) -> int:
    """The pitch moved by octaves among `count` pitches from `low` on."""
    if pitch < low:
        return low + (pitch - low) % OCTAVE
    over = pitch - (low + count - 1)
    return pitch if over <= 0 else pitch - OCTAVE * -(-over // OCTAVE)
