"""A score as the project's own small synthesizer sounds it: the shipped voices learn from it.

Additive: every partial lies below the limit of hearing of the rate asked for, so nothing aliases.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from export.wave.score import BASS, DRUMS, HAT, KICK, SOPRANO, Score, Tone

Samples = NDArray[np.float32]
ATTACK, RELEASE = 0.008, 0.06
"""Seconds."""


def sound(score: Score, rate: int) -> Samples:
    """Return samples [n], mono, at `rate` Hz."""
    mix = np.zeros(round(score.seconds * rate) + rate, np.float64)
    rng = np.random.default_rng(len(score.tones))
    programs = dict(score.programs)
    for tone in score.tones:
        made = _drum(tone, rate, rng) if tone.part == DRUMS else _note(tone, rate, programs)
        start = round(tone.start * rate)
        made = made[: max(len(mix) - start, 0)]
        mix[start : start + len(made)] += made * (tone.velocity / 127)
    if score.room:
        mix = _room(mix, rate, score.room)
    whole = mix[: round(score.seconds * rate)]
    return (0.7 * whole / max(np.abs(whole).max(initial=0.0), 1e-9)).astype(np.float32)


def _note(tone: Tone, rate: int, programs: dict[int, int]) -> NDArray[np.float64]:
    """Return partials of falling strength; how they fall and fade depends on the program."""
    pitch = 440.0 * 2 ** ((tone.pitch - 69) / 12)
    brightness, decay = _timbre(tone.part, programs.get(tone.part, 0))
    seconds = tone.end - tone.start
    time = np.arange(round((seconds + RELEASE) * rate)) / rate
    numbers = np.arange(1, max(int(min(rate / 2.1, 5000.0) / pitch), 1) + 1)
    strengths = numbers**-brightness
    fades = np.exp(-decay * np.sqrt(numbers)[:, None] * time)
    waves = np.sin(2 * np.pi * pitch * numbers[:, None] * time)
    envelope = np.minimum(time / ATTACK, 1) * np.clip((seconds + RELEASE - time) / RELEASE, 0, 1)
    loud = 0.35 if tone.part in (SOPRANO, BASS) else 0.2
    return np.asarray(loud * envelope * (strengths @ (waves * fades)))


def _timbre(part: int, program: int) -> tuple[float, float]:
    """Return how steeply the partials fall (an exponent), and how fast they fade (1/s)."""
    if part == BASS:
        return 1.3, 2.5
    held = {40: 1.4, 48: 1.6, 65: 1.2, 73: 2.2, 80: 1.0, 81: 1.0}
    return (held[program], 0.3) if program in held else (1.5, 2.0)


def _drum(tone: Tone, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if tone.pitch == KICK:
        time = np.arange(round(0.2 * rate)) / rate
        return np.asarray(
            np.sin(2 * np.pi * (50 * time + 8 * (1 - np.exp(-12 * time)))) * np.exp(-18 * time)
        )
    time = np.arange(round(0.15 * rate)) / rate
    noise = rng.standard_normal(len(time))
    if tone.pitch == HAT:
        return np.asarray(0.1 * np.diff(noise, prepend=0.0) * np.exp(-60 * time))
    return np.asarray(0.25 * noise * np.exp(-25 * time))


def _room(dry: NDArray[np.float64], rate: int, share: float) -> NDArray[np.float64]:
    """Add an exponentially fading echo of noise, the same for every piece."""
    from scipy.signal import fftconvolve

    time = np.arange(round(0.8 * rate)) / rate
    echo = np.random.default_rng(0).standard_normal(len(time)) * np.exp(-6 * time)
    echo /= np.sqrt(np.sum(echo**2))
    return np.asarray(dry + 0.35 * share * fftconvolve(dry, echo)[: len(dry)])
