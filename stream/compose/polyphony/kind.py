"""What the tokens of a voice with several parts mean: a kind of frames.

Conventions: frames int64 [T, M]; a bar has `bar` frames, and the frames of a phrase end with a bar
line. Notes are held within a phrase and struck again at the head of the next, which no note of the
one before reaches.
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
        """In a frame."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features that the filter knows."""

    @property
    def velocity_offsets(self) -> Mapping[int, int]:
        """What a channel is louder by than its place in the bar says."""

    def for_unit(self, unit: int) -> FrameKind:
        """The same in a metre whose units have so many ticks: a frame may be a unit."""

    def pitches(self, frames: Ints) -> Ints:
        """MIDI numbers [T, P] of what sounds, 0 for nothing."""

    def decode(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """The notes of a phrase, in order of onset; on a channel a pitch sounds once at a time."""

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        """Frames [count, M] of notes that were decoded; onsets are ticks from the first frame."""

    def arrange(self, notes: Sequence[Note], count: int) -> Ints:
        """Frames [count, M] of anybody's notes, whatever their channels."""

    def features(self, frames: Ints) -> dict[str, float]:
        """The value of each of `feature_names` in at least one frame."""

    def changes(self, frames: Ints) -> NoteSeries:
        """What is known again in any key, as the notes of a melody: for `novelty`."""

    def compared_notes(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """Of the notes of a phrase those that candidates are compared by."""

    def sounds(self, frames: Ints) -> Flags:
        """[T] in which frames there is no silence."""

    def end_length(self, frames: Ints) -> int:
        """Frames for which the end of the music has sounded; 0 where it is none."""

    def sustained(self, frames: Ints) -> Ints:
        """[M] what goes on behind the frames, for `corrected`."""

    def corrected(self, at: int, tokens: Ints, sustained: Ints) -> tuple[Ints, Ints]:
        """What is heard of frame `at` of a phrase, tokens [K, M], and what goes on [K, M] then.

        The voice is told so: what it has heard is what the notes say.
        """


class HeldFrames:
    """Of frames that say all that sounds: a pitch that is there again is held."""

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
        sustained = self.pitches(frames)
        if not sustained[-1].any():
            return 0
        others = np.flatnonzero(np.any(sustained != sustained[-1], axis=1))
        return len(frames) - (int(others[-1]) + 1 if len(others) else 0)

    def sustained(self, frames: Ints) -> Ints:
        return np.zeros(frames.shape[1], np.int64)

    def corrected(self, at: int, tokens: Ints, sustained: Ints) -> tuple[Ints, Ints]:  # noqa: ARG002
        return tokens, sustained
