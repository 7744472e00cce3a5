"""Position in a stream of sound: the next chunk, and how much of it is used."""

from __future__ import annotations

import base64
import dataclasses
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.audio_chunk import AudioChunk, AudioChunkRequest, AudioControls

if TYPE_CHECKING:
    from stream.voices.audio_spec import AudioSpec

CHUNK_SECONDS = 0.5
FADE_SECONDS = 0.02
"""Seconds of the fade with which the stream is cut off."""


@dataclass(frozen=True, slots=True)
class ChunkPosition:
    """Position in a stream of sound."""

    seed: int
    controls: AudioControls
    audio: AudioSpec
    rate: int
    """Samples a second of the output."""
    frames: int | None = None
    """Frames of the whole stream; None if it has no end."""
    index: int = 0
    composed: int = 0
    """Frames composed so far."""
    state: str = ""
    fade_in: float = 0.0
    """Seconds of the fade at the beginning."""
    fade_out: float = 0.0
    """Seconds of the fade before the end; 0: the stream is cut off without a click."""

    @property
    def complete(self) -> bool:
        """True once the requested length is composed."""
        return self.frames is not None and self.composed >= self.frames

    @property
    def request(self) -> AudioChunkRequest:
        """The request for the next chunk."""
        blocks = max(round(CHUNK_SECONDS * self.audio.rate / self.audio.hop), 1)
        return AudioChunkRequest(
            self.index, self.seed, blocks, self.rate, self.controls, self.state
        )

    def after(self, chunk: AudioChunk) -> tuple[ChunkPosition, bytes]:
        """Return the position after `chunk`, and its samples, cut where the stream ends."""
        samples = base64.b64decode(chunk.samples)
        count = len(samples) // 2
        if self.frames is not None and self.composed + count >= self.frames:
            count = self.frames - self.composed
            samples = _faded(samples[: 2 * count], round(FADE_SECONDS * self.rate))
        if self._fades(count):
            samples = self._ramped(samples)
        next_position = dataclasses.replace(
            self, index=self.index + 1, composed=self.composed + count, state=chunk.state
        )
        return next_position, samples

    def _fades(self, count: int) -> bool:
        """Return True if any of the next frames lies in a long fade."""
        end = self.composed + count
        begins = self.composed < self.fade_in * self.rate
        return begins or (self.frames is not None and self._left(end) < self.fade_out * self.rate)

    def _left(self, frame: int) -> int:
        """Return the frames from one to the end of a stream that has an end."""
        return (self.frames or 0) - frame

    def _ramped(self, samples: bytes) -> bytes:
        """Return the next samples with the gain that the fades leave at each of them."""
        values = array("h", samples)
        begin, end = round(self.fade_in * self.rate), round(self.fade_out * self.rate)
        for place in range(len(values)):
            frame = self.composed + place
            if frame < begin:
                values[place] = values[place] * frame // begin
            if self.frames is not None and self._left(frame) <= end:
                values[place] = values[place] * max(self._left(frame) - 1, 0) // end
        return values.tobytes()


def _faded(samples: bytes, fade: int) -> bytes:
    """Return the samples with a fade at the end."""
    values = array("h", samples)
    fade = min(fade, len(values))
    for step in range(fade):
        values[-1 - step] = values[-1 - step] * step // fade
    return values.tobytes()
