"""Which passage of sound comes next, and how much of it is wanted."""

from __future__ import annotations

import base64
import dataclasses
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.audio_chunk import AudioChunk, AudioChunkRequest, AudioControls

if TYPE_CHECKING:
    from stream.voices.audio_spec import AudioSpec

PASSAGE_SECONDS = 0.5
END_SECONDS = 0.02
"""In which the sound fades where it is cut off."""


@dataclass(frozen=True, slots=True)
class ChunkPosition:
    """Where the stream stands."""

    seed: int
    wishes: AudioControls
    audio: AudioSpec
    rate: int
    """Samples a second of the output."""
    frames: int | None = None
    """Of the whole stream; None: it has no end."""
    index: int = 0
    made: int = 0
    """Frames so far."""
    memory: str = ""

    @property
    def complete(self) -> bool:
        """Whether all is made that was wished for."""
        return self.frames is not None and self.made >= self.frames

    @property
    def request(self) -> AudioChunkRequest:
        """What to ask the composer for next."""
        blocks = max(round(PASSAGE_SECONDS * self.audio.rate / self.audio.hop), 1)
        return AudioChunkRequest(self.index, self.seed, blocks, self.rate, self.wishes, self.memory)

    def after(self, passage: AudioChunk) -> tuple[ChunkPosition, bytes]:
        """The programme once `passage` has come, and its samples, cut where the stream ends."""
        samples = base64.b64decode(passage.samples)
        count = len(samples) // 2
        if self.frames is not None and self.made + count >= self.frames:
            count = self.frames - self.made
            samples = _ended(samples[: 2 * count], round(END_SECONDS * self.rate))
        after = dataclasses.replace(
            self, index=self.index + 1, made=self.made + count, memory=passage.state
        )
        return after, samples


def _ended(samples: bytes, fade: int) -> bytes:
    """The samples, with the last of them fading."""
    values = array("h", samples)
    fade = min(fade, len(values))
    for left in range(fade):
        values[-1 - left] = values[-1 - left] * left // fade
    return values.tobytes()
