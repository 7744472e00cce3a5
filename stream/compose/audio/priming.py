"""The start of a tune of sound: its style, its seed from the bank, and its length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.plan.style import Weights, weights
from stream.music.audio_chunk import AudioChunkRequest
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import VoiceSpec

WALK_SECONDS = 8.0
"""Seconds of a walk between styles that count as one phrase: four bars at 120 beats a minute."""
SPREAD = 0.25
"""Share by which a tune may be longer or shorter than the voice's average."""
NOISE, TUNE = 0, 1
"""Purposes of random numbers; each has a stream of its own, derived from the one seed."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The values that are drawn for a tune."""

    seed: int
    """Index of the first state in the bank."""
    seconds: float


def style_at(spec: VoiceSpec, request: AudioChunkRequest, tune: int, seconds: float) -> Weights:
    """Return the weight of each style, `seconds` into the stream. Raises `SettingsError`."""
    controls = Controls(style=request.controls.style, walk=request.controls.walk)
    phrase = PhraseRequest(int(seconds / WALK_SECONDS), tune, request.seed, controls=controls)
    return weights(spec, phrase, _drawing(request.seed, tune))


def columns(spec: VoiceSpec, found: Weights) -> NDArray[np.float32]:
    """Return the step's `style` [S]: a column `set:NAME` is the weight of the style NAME."""
    shares = {f"set:{name}": weight for name, weight in found.items()}
    return np.array([shares.get(tag, 0.0) for tag in spec.tags], np.float32)


def opening(spec: VoiceSpec, found: Weights, seed: int, tune: int) -> Opening:
    """Return the start of a tune, from a seed of one of its styles, drawn by their weights."""
    rng = _drawing(seed, tune)
    rng.integers(len(spec.styles))  # the draw of a tune without a requested style
    names = sorted(found)
    shares = np.cumsum([found[name] for name in names])
    name = names[int(np.searchsorted(shares[:-1], rng.random() * shares[-1], "right"))]
    seeds = spec.styles[name].seeds
    chosen = seeds[int(rng.integers(len(seeds)))]
    length = spec.audio.tune if spec.audio else 0.0
    return Opening(chosen, length * rng.uniform(1 - SPREAD, 1 + SPREAD))


def noise(spec: VoiceSpec, seed: int, block: int) -> NDArray[np.float32]:
    """Return uniform numbers for a block [2, N]: for the current tune, and for one that fades."""
    rng = np.random.default_rng((seed, block, NOISE))
    return rng.random((2, spec.noise), np.float32)


def _drawing(seed: int, tune: int) -> np.random.Generator:
    return np.random.default_rng((seed, tune, TUNE))
