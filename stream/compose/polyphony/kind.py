"""The meaning of the tokens of a voice with several parts: a kind of frames.

Conventions: frames int64 [T, M]; a bar has `bar` frames, and the frames of a phrase end at a bar
line. Notes are held within a phrase and struck again at the start of the next, since no note
reaches beyond its phrase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from stream.compose.filter.entropy import NoteSeries
from stream.compose.polyphony.chords import changes, chords
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.note import Note


class FrameKind(Protocol):
    """One kind of frames."""

    @property
    def heads(self) -> tuple[int, ...]:
        """Classes of each head."""

    @property
    def ticks(self) -> int:
        """Ticks in a frame."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features that the filter can test."""

    @property
    def velocity_offsets(self) -> Mapping[int, int]:
        """Velocity added on a channel to the accent of the beat."""

    def for_unit(self, unit: int) -> FrameKind:
        """Return the kind for a meter with units of `unit` ticks: a frame may be a unit."""

    def pitches(self, frames: Ints) -> Ints:
        """Return the MIDI numbers [T, P] that sound, 0 for none."""

    def decode(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """Return the notes of a phrase by onset; a pitch sounds once at a time on a channel."""

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        """Return frames [count, M] of decoded notes; onsets are ticks from the first frame."""

    def arrange(self, notes: Sequence[Note], count: int) -> Ints:
        """Return frames [count, M] of any notes, whatever their channels."""

    def features(self, frames: Ints) -> dict[str, float]:
        """Return the value of each of `feature_names` in at least one frame."""

    def changes(self, frames: Ints) -> NoteSeries:
        """Return what is recognizable in any key, as the notes of a melody, for `novelty`."""

    def compared_notes(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """Return those notes of a phrase by which candidates are compared."""

    def sounds(self, frames: Ints) -> Flags:
        """Return True [T] for each frame that is not silent."""

    def end_length(self, frames: Ints) -> int:
        """Return the frames for which the last chord or note has sounded; 0 in silence."""

    def sustained(self, frames: Ints) -> Ints:
        """Return the classes [M] that continue beyond the frames, for `corrected`."""

    def corrected(self, at: int, tokens: Ints, sustained: Ints) -> tuple[Ints, Ints]:
        """Return the tokens of frame `at` of a phrase, and the classes that continue, [K, M] each.

        `tokens` [K, M] are as sampled. The voice gets the tokens corrected to agree with the notes
        that are heard.
        """


class HeldFrames:
    """Base of the kinds whose frames list all pitches that sound: one that is repeated is held."""

    def pitches(self, frames: Ints) -> Ints:
        raise NotImplementedError

    def changes(self, frames: Ints) -> NoteSeries:
        return changes(chords(self.pitches(frames)))

    def decode(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        raise NotImplementedError

    def compared_notes(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        return self.decode(frames, bar)

    def sounds(self, frames: Ints) -> Flags:
        return np.asarray(self.pitches(frames).any(1))

    def end_length(self, frames: Ints) -> int:
        pitches = self.pitches(frames)
        if not pitches[-1].any():
            return 0
        others = np.flatnonzero(np.any(pitches != pitches[-1], axis=1))
        return len(frames) - (int(others[-1]) + 1 if len(others) else 0)

    def sustained(self, frames: Ints) -> Ints:
        return np.zeros(frames.shape[1], np.int64)

    def corrected(self, at: int, tokens: Ints, sustained: Ints) -> tuple[Ints, Ints]:  # noqa: ARG002
        return tokens, sustained
