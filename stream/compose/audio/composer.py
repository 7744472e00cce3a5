"""The composer of a voice that makes sound: `compose(AudioChunkRequest) -> AudioChunk`.

It continues block by block. A tune ends after its planned time, when another style is requested,
and when its sound becomes silent, too loud or not finite; it fades out while the next one begins.
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
from stream.compose.audio.priming import columns, noise, opening, style_at
from stream.compose.audio.resampler import Resampler
from stream.compose.audio.state import AudioState, Floats, StreamState, decode, encode
from stream.compose.audio.step import CONTINUE, AudioStep
from stream.compose.plan.style import name_of
from stream.music.audio_chunk import AudioChunk, AudioChunkRequest

FADE_SECONDS = 0.5
"""Seconds of the crossfade from one tune to the next."""
FAULT_SECONDS = 2.0
"""Seconds for which a sound may be too quiet or too loud before its tune ends."""
INVALID = 2**31
"""Value of `faulty_blocks` for samples or states that are not finite numbers."""


class SamplingPoint(NamedTuple):
    """The style and the temperature at which a block is made."""

    style: Floats
    """Weights of the step's tags [S]."""
    temperature: float


class AudioComposer:
    """A loaded voice of kind `audio`. Raises `VoiceError` if the voice is not of this kind."""

    def __init__(self, voice: Path) -> None:
        self._step = AudioStep(voice)
        self.spec = self._step.spec
        audio = self._step.audio
        self._audio = audio
        self._overlap = Overlap(audio)
        self._resampler = Resampler(audio.rate, audio.rate)
        self._rate = audio.rate
        self._fade = max(round(FADE_SECONDS * audio.rate / audio.hop), 1)
        self._tolerance = max(round(FAULT_SECONDS * audio.rate / audio.hop), 1)

    def compose(self, request: AudioChunkRequest) -> AudioChunk:
        """Return the next blocks.

        Raises `SettingsError` for a style the voice lacks, `MessageError` for a state of another
        voice, `VoiceError` if the graph fails.
        """
        self._set_rate(request.rate)
        state = decode(request.state, self._silence()) if request.state else self._silence()
        first_tune, died, ran_away, blocks = state.tune, 0, 0, []
        for _ in range(request.blocks):
            if self._opens_tune(state, request):
                died += state.faulty_blocks <= -self._tolerance
                ran_away += state.faulty_blocks >= self._tolerance
                state = self._next_tune(state, request)
            state, block = self._block(state, request)
            blocks.append(block * np.float32(request.controls.volume))
        sound = finite(np.concatenate(blocks))
        resampled, tail, phase = self._resampler(state.resampled, state.phase, sound)
        state = dataclasses.replace(state, resampled=tail, phase=phase)
        return AudioChunk(
            index=request.index,
            tune=state.tune,
            style=name_of(self._style(state, request)),
            samples=base64.b64encode(pcm(resampled)).decode(),
            level=float(np.sqrt(np.mean(np.square(limited(sound))))),
            died=died,
            ran_away=ran_away,
            state=encode(state),
            voice=self.spec.name,
            opens=state.tune > first_tune,
        )

    def _set_rate(self, rate: int) -> None:
        if rate != self._rate:
            self._resampler, self._rate = Resampler(self._audio.rate, rate), rate

    def _silence(self) -> AudioState:
        """Return the state before any sound."""
        stream = StreamState(self._step.initial(), self._overlap.silence())
        return AudioState(stream, stream, np.zeros(self._resampler.width, np.float32))

    def _style(self, state: AudioState, request: AudioChunkRequest) -> dict[str, float]:
        seconds = state.block * self._audio.hop / self._audio.rate
        return dict(style_at(self.spec, request, max(state.tune, 0), seconds))

    def _opens_tune(self, state: AudioState, request: AudioChunkRequest) -> bool:
        """Return True if the next block opens a tune."""
        if state.fading:
            return False
        ended = state.block >= state.end or state.style_checksum != _style_checksum(request)
        return ended or abs(state.faulty_blocks) >= self._tolerance

    def _next_tune(self, state: AudioState, request: AudioChunkRequest) -> AudioState:
        """Return the state with the next tune, which has not sounded yet; the current one fades."""
        state = dataclasses.replace(state, tune=state.tune + 1)
        start = opening(self.spec, self._style(state, request), request.seed, state.tune)
        blocks = max(round(start.seconds * self._audio.rate / self._audio.hop), 1)
        # `_block` sets the states of its first block by the seed.
        return dataclasses.replace(
            state,
            previous=state.current,
            current=StreamState(self._step.initial(), self._overlap.silence()),
            end=state.block + blocks,
            fading=self._fade,
            faulty_blocks=0,
            style_checksum=_style_checksum(request),
        )

    def _block(self, state: AudioState, request: AudioChunkRequest) -> tuple[AudioState, Floats]:
        """Return the state after the next block, and the block's samples."""
        noise_rows = noise(self.spec, request.seed, state.block)
        opens = state.fading == self._fade
        style = self._style(state, request)
        seed = opening(self.spec, style, request.seed, state.tune).seed if opens else CONTINUE
        point = SamplingPoint(columns(self.spec, style), request.controls.temperature)
        current, samples, is_finite = self._render(state.current, point, noise_rows[0], seed)
        faulty_blocks = self._count_faulty(state.faulty_blocks, samples) if is_finite else INVALID
        previous = state.previous
        if state.fading and state.tune > 0:
            previous, fading_samples, _ = self._render(previous, point, noise_rows[1], CONTINUE)
        else:
            fading_samples = np.zeros_like(samples)
        next_state = dataclasses.replace(
            state,
            current=current,
            previous=previous,
            block=state.block + 1,
            fading=max(state.fading - 1, 0),
            faulty_blocks=faulty_blocks,
        )
        return next_state, self._crossfade(samples, fading_samples, state.fading)

    def _render(
        self, stream: StreamState, point: SamplingPoint, noise_row: Floats, seed: int
    ) -> tuple[StreamState, Floats, bool]:
        """Return the stream after a block, its samples, and True if all values are finite."""
        states, block = self._step(stream.states, point.style, point.temperature, noise_row, seed)
        samples, tail = self._overlap(stream.tail, block)
        is_finite = all(bool(np.isfinite(array).all()) for array in (block, *states))
        return StreamState(states, tail), samples, is_finite

    def _count_faulty(self, faulty_blocks: int, samples: Floats) -> int:
        """Return the count of blocks out of bounds, after these samples."""
        level = float(np.std(samples))
        if level < self._audio.quiet:
            return min(faulty_blocks, 0) - 1
        return max(faulty_blocks, 0) + 1 if level > self._audio.loud else 0

    def _crossfade(self, current: Floats, previous: Floats, fading: int) -> Floats:
        """Return the crossfade of two tunes at constant power."""
        if not fading:
            return current
        hop = self._audio.hop
        progress = (self._fade - fading + np.arange(hop, dtype=np.float32) / hop) / self._fade
        return current * np.sin(progress * np.pi / 2) + previous * np.cos(progress * np.pi / 2)


def _style_checksum(request: AudioChunkRequest) -> int:
    """Return a checksum of the requested style."""
    return zlib.crc32(repr(request.controls.style).encode())
