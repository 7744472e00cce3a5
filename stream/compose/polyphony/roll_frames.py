"""Frames of a `pianoroll`: twelve heads, the pitches that sound, from the highest down.

Class c is MIDI 21 + c, and END follows the lowest pitch. All of a piano is on channel 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from stream.compose.polyphony import features
from stream.compose.polyphony.features import SHARED
from stream.compose.polyphony.frames import Flags, Ints, spans, tied
from stream.compose.polyphony.kind import HeldFrames
from stream.music.note import Note
from stream.music.scale import folded

KEYS: Final = 88
"""Keys of a piano, and columns of a roll."""
LOWEST_KEY: Final = 21
"""MIDI number of class 0, and of column 0 of a roll."""
HIGHEST_KEY: Final = LOWEST_KEY + KEYS - 1
END: Final = KEYS
"""Class that follows the lowest pitch of a frame."""
SLOTS: Final = 12
"""Notes that a frame may hold."""


@dataclass(frozen=True, slots=True)
class RollFrames(HeldFrames):
    """Frames of one unit of the meter: an eighth note, in some styles a quarter note."""

    ticks: int = 24
    heads: ClassVar = (KEYS + 1,) * SLOTS
    feature_names: ClassVar = SHARED
    velocity_offsets: ClassVar[Mapping[int, int]] = {}

    def for_unit(self, unit: int) -> RollFrames:
        return RollFrames(unit)

    def pitches(self, frames: Ints) -> Ints:
        """Return the pitches, each once in a frame."""
        return np.where(_sounding(frames), frames + LOWEST_KEY, 0)

    def decode(self, frames: Ints, bar: int = 0) -> tuple[Note, ...]:  # noqa: ARG002
        keys = roll(frames)
        used = np.flatnonzero(keys.any(0)).tolist()
        lines = ((0, np.where(keys[:, key], key + LOWEST_KEY, 0)) for key in used)
        return tied(lines, self.ticks)

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        keys = np.zeros((count, KEYS), bool)
        for begin, end, note in spans(notes, self.ticks, count):
            keys[begin:end, folded(note.pitch, LOWEST_KEY, HIGHEST_KEY) - LOWEST_KEY] = True
        return listed(keys)

    arrange = encode

    def features(self, frames: Ints) -> dict[str, float]:
        return features.of_piano(self.pitches(frames))


PIANOROLL: Final = RollFrames()


def _sounding(frames: Ints) -> Flags:
    """Return True [T, M] for the tokens that are notes: before END, each pitch once."""
    before = np.logical_and.accumulate(frames != END, axis=1)
    equal = frames[:, :, None] == frames[:, None, :]
    is_repeat = np.tril(equal, -1).any(2)
    return np.asarray(before & ~is_repeat)


def roll(frames: Ints) -> Flags:
    """Return True [T, 88] for the keys of a piano that sound."""
    out = np.zeros((len(frames), KEYS), bool)
    pitches = PIANOROLL.pitches(frames)
    rows, heads = np.nonzero(pitches)
    out[rows, pitches[rows, heads] - LOWEST_KEY] = True
    return out


def listed(keys: Flags) -> Ints:
    """Return frames [T, 12] of the keys of a roll [T, 88]; only the highest if there are more."""
    order = np.argsort(~keys[:, ::-1], axis=1, kind="stable")[:, :SLOTS]
    highest = KEYS - 1 - order
    return np.where(np.take_along_axis(keys, highest, 1), highest, END)
