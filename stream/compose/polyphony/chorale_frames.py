"""Frames of a `chorale`: four heads, a part each from the soprano down, on channels 0 to 3.

Class 0 is silence, class c is MIDI 27 + c; a pitch that is the same as in the frame before is held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.polyphony import features
from stream.compose.polyphony.features import OF_PARTS, SHARED
from stream.compose.polyphony.frames import Ints, spans, tied
from stream.compose.polyphony.kind import HeldFrames
from stream.music.note import Note
from stream.music.scale import folded

PARTS: Final = 4
"""Number of parts: soprano, alto, tenor, bass."""
SILENT: Final = 0
"""Class of a part that does not sound."""
BELOW: Final = 27
"""The MIDI number that class 0 of a part would have."""
PITCHES: Final = 63
RANGE: Final = (BELOW + 1, BELOW + PITCHES)
"""Lowest and highest MIDI number of a part: 28 to 90."""


class ChoraleFrames(HeldFrames):
    """Frames of a sixteenth, four parts each."""

    heads = (PITCHES + 1,) * PARTS
    ticks = 12
    feature_names = SHARED + OF_PARTS
    velocity_offsets: Mapping[int, int] = {0: 6}

    def for_unit(self, unit: int) -> ChoraleFrames:  # noqa: ARG002
        return self

    def pitches(self, frames: Ints) -> Ints:
        return np.where(frames == SILENT, 0, frames + BELOW)

    def decode(self, frames: Ints, bar: int = 0) -> tuple[Note, ...]:  # noqa: ARG002
        return tied(enumerate(self.pitches(frames).T), self.ticks)

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        out = np.full((count, PARTS), SILENT, np.int64)
        for begin, end, note in spans(notes, self.ticks, count):
            out[begin:end, note.channel % PARTS] = folded(note.pitch, *RANGE) - BELOW
        return out

    def arrange(self, notes: Sequence[Note], count: int) -> Ints:
        """Give the highest pitch to the soprano; of more than four the lowest to the bass."""
        sounding: list[set[int]] = [set() for _ in range(count)]
        for begin, end, note in spans(notes, self.ticks, count):
            for frame in sounding[begin:end]:
                frame.add(folded(note.pitch, *RANGE))
        out = np.full((count, PARTS), SILENT, np.int64)
        for index, pitches in enumerate(sounding):
            chord = sorted(pitches, reverse=True)
            chord = chord if len(chord) <= PARTS else [*chord[: PARTS - 1], chord[-1]]
            out[index, : len(chord)] = np.array(chord, np.int64) - BELOW
        return out

    def features(self, frames: Ints) -> dict[str, float]:
        return features.of_chorale(self.pitches(frames))


CHORALE: Final = ChoraleFrames()
