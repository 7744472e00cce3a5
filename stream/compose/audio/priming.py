"""How a tune of sound begins: which style it is in, from which seed of the bank, and how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.style import Weights, weights
from stream.music.audio_chunk import AudioChunkRequest
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import VoiceSpec

WALK_SECONDS = 8.0
"""What a walk between styles takes for a phrase: four bars at 120 beats a minute."""
SPREAD = 0.25
"""By which share a tune is longer or shorter than the voice says."""
NOISE, TUNE = 0, 1
"""What random numbers are drawn for: streams of their own from the one seed."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is drawn for a tune."""

    seed: int
    """Index in the bank."""
    seconds: float


def style_at(spec: VoiceSpec, request: AudioChunkRequest, tune: int, seconds: float) -> Weights:
    """Weight of each style, `seconds` into the stream. Raises `SettingsError` for one it lacks."""
    controls = Controls(style=request.controls.style, walk=request.controls.walk)
    phrase = PhraseRequest(int(seconds / WALK_SECONDS), tune, request.seed, controls=controls)
    return weights(spec, phrase, _drawing(request.seed, tune))


def columns(spec: VoiceSpec, found: Weights) -> NDArray[np.float32]:
    """The step's `style` [S]: a column `set:NAME` is the weight of the style NAME."""
    shares = {f"set:{name}": weight for name, weight in found.items()}
    return np.array([shares.get(tag, 0.0) for tag in spec.tags], np.float32)


def opening(spec: VoiceSpec, found: Weights, seed: int, tune: int) -> Opening:
    """From one of the seeds of its styles, each style as often as its weight says."""
    rng = _drawing(seed, tune)
    rng.integers(len(spec.styles))  # the style of a tune that was asked for none
    names = sorted(found)
    shares = np.cumsum([found[name] for name in names])
    name = names[int(np.searchsorted(shares[:-1], rng.random() * shares[-1], "right"))]
    seeds = spec.styles[name].seeds
    chosen = seeds[int(rng.integers(len(seeds)))]
    length = spec.audio.tune if spec.audio else 0.0
    return Opening(chosen, length * rng.uniform(1 - SPREAD, 1 + SPREAD))


def noise(spec: VoiceSpec, seed: int, block: int) -> NDArray[np.float32]:
    """Uniform numbers for a block [2, N]: of the tune that sounds, and of one that fades."""
    rng = np.random.default_rng((seed, block, NOISE))
    return rng.random((2, spec.noise), np.float32)


def _drawing(seed: int, tune: int) -> np.random.Generator:
    return np.random.default_rng((seed, tune, TUNE))
