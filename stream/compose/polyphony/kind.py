"""What the tokens of a voice with several parts mean: a kind of frames.

Conventions: frames int64 [T, M]; a bar has `bar` frames, and the frames of a phrase end with a bar
line. Notes are held within a phrase and struck again at the head of the next, which no note of the
one before reaches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from stream.compose.filter.entropy import Melody
from stream.compose.polyphony.chords import changes, chords
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.note import Note


class Kind(Protocol):
    """One kind of frames."""

    @property
    def heads(self) -> tuple[int, ...]:
        """Classes of each head."""

    @property
    def ticks(self) -> int:
        """In a frame."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the features that the filter knows."""

    @property
    def louder(self) -> Mapping[int, int]:
        """What a channel is louder by than its place in the bar says."""

    def at(self, unit: int) -> Kind:
        """The same in a metre whose units have so many ticks: a frame may be a unit."""

    def pitches(self, frames: Ints) -> Ints:
        """MIDI numbers [T, P] of what sounds, 0 for nothing."""

    def decode(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """The notes of a phrase, in order of onset; on a channel a pitch sounds once at a time."""

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        """Frames [count, M] of notes that were decoded; onsets are ticks from the first frame."""

    def arranged(self, notes: Sequence[Note], count: int) -> Ints:
        """Frames [count, M] of anybody's notes, whatever their channels."""

    def features(self, frames: Ints) -> dict[str, float]:
        """The value of each of `measures` in at least one frame."""

    def changes(self, frames: Ints) -> Melody:
        """What is known again in any key, as the notes of a melody: for `novelty`."""

    def line(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        """Of the notes of a phrase those that candidates are compared by."""

    def heard(self, frames: Ints) -> Flags:
        """[T] in which frames there is no silence."""

    def last(self, frames: Ints) -> int:
        """Frames for which the end of the music has sounded; 0 where it is none."""

    def sounding(self, frames: Ints) -> Ints:
        """[M] what goes on behind the frames, for `told`."""

    def told(self, at: int, tokens: Ints, sounding: Ints) -> tuple[Ints, Ints]:
        """What is heard of frame `at` of a phrase, tokens [K, M], and what goes on [K, M] then.

        The voice is told so: what it has heard is what the notes say.
        """


class HeldFrames:
    """Of frames that say all that sounds: a pitch that is there again is held."""

    def pitches(self, frames: Ints) -> Ints:
        raise NotImplementedError

    def changes(self, frames: Ints) -> Melody:
        return changes(chords(self.pitches(frames)))

    def decode(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        raise NotImplementedError

    def line(self, frames: Ints, bar: int) -> tuple[Note, ...]:
        return self.decode(frames, bar)

    def heard(self, frames: Ints) -> Flags:
        return np.asarray(self.pitches(frames).any(1))

    def last(self, frames: Ints) -> int:
        sounding = self.pitches(frames)
        if not sounding[-1].any():
            return 0
        others = np.flatnonzero(np.any(sounding != sounding[-1], axis=1))
        return len(frames) - (int(others[-1]) + 1 if len(others) else 0)

    def sounding(self, frames: Ints) -> Ints:
        return np.zeros(frames.shape[1], np.int64)

    def told(self, at: int, tokens: Ints, sounding: Ints) -> tuple[Ints, Ints]:  # noqa: ARG002
        return tokens, sounding
