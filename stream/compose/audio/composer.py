"""The composer of a voice that makes sound: `compose(AudioChunkRequest) -> AudioChunk`.

It goes on block by block. A new tune begins, and the one before fades, when that has had its time,
when another style is asked for, and when its sound has died or run away.
"""

from __future__ import annotations

import base64
import dataclasses
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stream.compose.audio.limiter import finite, limited, pcm
from stream.compose.audio.overlap import Overlap
from stream.compose.audio.priming import columns, noise, opening, style_at, style_name
from stream.compose.audio.resampler import Resampler
from stream.compose.audio.state import AudioState, Floats, StreamState, read, written
from stream.compose.audio.step import GO_ON, AudioStep
from stream.music.audio_chunk import AudioChunk, AudioChunkRequest

FADE_SECONDS = 0.5
"""In which a tune gives way to the next."""
SICK_SECONDS = 2.0
"""For which a sound may be too quiet or too loud."""
HOPELESS = 2**31
"""Blocks too loud, where the sound is no number at all."""


class Place(NamedTuple):
    """Where in style a block is made, and how freely."""

    style: Floats
    """[S]"""
    temperature: float


class AudioComposer:
    """A voice of kind `audio` that sounds. Raises `VoiceError` where it is none."""

    def __init__(self, voice: Path) -> None:
        self._step = AudioStep(voice)
        self.spec = self._step.spec
        audio = self._step.audio
        self._audio = audio
        self._overlap = Overlap(audio)
        self._resampler = Resampler(audio.rate, audio.rate)
        self._rate = audio.rate
        self._fade = max(round(FADE_SECONDS * audio.rate / audio.hop), 1)
        self._patience = max(round(SICK_SECONDS * audio.rate / audio.hop), 1)

    def compose(self, request: AudioChunkRequest) -> AudioChunk:
        """So many blocks more.

        Raises `SettingsError` for a style the voice lacks, `MessageError` for a memory of another
        voice, `VoiceError` where the graph fails.
        """
        self._use(request.rate)
        memory = read(request.memory, self._silence()) if request.memory else self._silence()
        first, died, ran_away, pieces = memory.tune, 0, 0, []
        for _ in range(request.blocks):
            if self._over(memory, request):
                died += memory.sick <= -self._patience
                ran_away += memory.sick >= self._patience
                memory = self._opened(memory, request)
            memory, piece = self._block(memory, request)
            pieces.append(piece * np.float32(request.wishes.volume))
        piece = finite(np.concatenate(pieces))
        made, tail, phase = self._resampler(memory.resampled, memory.phase, piece)
        memory = dataclasses.replace(memory, resampled=tail, phase=phase)
        return AudioChunk(
            index=request.index,
            tune=memory.tune,
            style=style_name(self._style(memory, request)),
            samples=base64.b64encode(pcm(made)).decode(),
            level=float(np.sqrt(np.mean(np.square(limited(piece))))),
            died=died,
            ran_away=ran_away,
            memory=written(memory),
            voice=self.spec.name,
            opens=memory.tune > first,
        )

    def _use(self, rate: int) -> None:
        if rate != self._rate:
            self._resampler, self._rate = Resampler(self._audio.rate, rate), rate

    def _silence(self) -> AudioState:
        """Before any sound."""
        strand = StreamState(self._step.initial(), self._overlap.silence())
        return AudioState(strand, strand, np.zeros(self._resampler.width, np.float32))

    def _style(self, memory: AudioState, request: AudioChunkRequest) -> dict[str, float]:
        seconds = memory.block * self._audio.hop / self._audio.rate
        return dict(style_at(self.spec, request, max(memory.tune, 0), seconds))

    def _over(self, memory: AudioState, request: AudioChunkRequest) -> bool:
        """Whether the next block opens a tune."""
        if memory.fading:
            return False
        ended = memory.block >= memory.end or memory.wish != _sum(request)
        return ended or abs(memory.sick) >= self._patience

    def _opened(self, memory: AudioState, request: AudioChunkRequest) -> AudioState:
        """With the next tune, which has not sounded yet; what sounds begins to fade."""
        memory = dataclasses.replace(memory, tune=memory.tune + 1)
        found = opening(self.spec, self._style(memory, request), request.seed, memory.tune)
        blocks = max(round(found.seconds * self._audio.rate / self._audio.hop), 1)
        # Primed by the first block, which `_block` takes from the seed.
        return dataclasses.replace(
            memory,
            before=memory.now,
            now=StreamState(self._step.initial(), self._overlap.silence()),
            end=memory.block + blocks,
            fading=self._fade,
            sick=0,
            wish=_sum(request),
        )

    def _block(self, memory: AudioState, request: AudioChunkRequest) -> tuple[AudioState, Floats]:
        """The memory after the next block, and its samples."""
        rows = noise(self.spec, request.seed, memory.block)
        opens = memory.fading == self._fade
        found = self._style(memory, request)
        seed = opening(self.spec, found, request.seed, memory.tune).seed if opens else GO_ON
        place = Place(columns(self.spec, found), request.wishes.temperature)
        now, heard, whole = self._sung(memory.now, place, rows[0], seed)
        sick = self._health(memory.sick, heard) if whole else HOPELESS
        before = memory.before
        if memory.fading and memory.tune > 0:
            before, fading, _ = self._sung(before, place, rows[1], GO_ON)
        else:
            fading = np.zeros_like(heard)
        after = dataclasses.replace(
            memory,
            now=now,
            before=before,
            block=memory.block + 1,
            fading=max(memory.fading - 1, 0),
            sick=sick,
        )
        return after, self._mixed(heard, fading, memory.fading)

    def _sung(
        self, strand: StreamState, place: Place, row: Floats, seed: int
    ) -> tuple[StreamState, Floats, bool]:
        """The strand after a block, its samples, and whether all of it are numbers."""
        states, block = self._step(strand.states, place.style, place.temperature, row, seed)
        samples, tail = self._overlap(strand.tail, block)
        whole = all(bool(np.isfinite(array).all()) for array in (block, *states))
        return StreamState(states, tail), samples, whole

    def _health(self, sick: int, heard: Floats) -> int:
        """How long the sound has been out of bounds, after these samples."""
        level = float(np.std(heard))
        if level < self._audio.quiet:
            return min(sick, 0) - 1
        return max(sick, 0) + 1 if level > self._audio.loud else 0

    def _mixed(self, now: Floats, before: Floats, fading: int) -> Floats:
        """Of two tunes, as loud together as one."""
        if not fading:
            return now
        hop = self._audio.hop
        way = (self._fade - fading + np.arange(hop, dtype=np.float32) / hop) / self._fade
        return now * np.sin(way * np.pi / 2) + before * np.cos(way * np.pi / 2)


def _sum(request: AudioChunkRequest) -> int:
    """Which style is asked for, as a number."""
    return zlib.crc32(repr(request.wishes.style).encode())
