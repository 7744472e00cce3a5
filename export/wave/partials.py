"""Sound as partials and noise: how loud each of some fixed pitches is, frame by frame, and back.

A frame tells the amplitude of sines on the keys of a piano (their partials lie on quarter tones, or
next to them) and of noise in bands, as levels: cubic roots, 1 is full scale. Partials are
found by non-negative least squares with the shapes that sines have in a spectrum; what they leave
over is the noise. After Serra and Smith (1990), spectral modelling synthesis, and DDSP (Engel et
al. 2020), on a fixed grid of pitches in the place of a tracked one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
POWER = 3
"""Power of a level that is its amplitude.

The mean of levels is nearer to the mean loudness than that of dB, and nearer to hearing than that
of amplitudes.
"""
LOWEST_KEY, QUARTER_TONES_FROM = 28, 60
"""MIDI keys: below the second one partials lie on semitones: spectra resolve no finer."""
HIGHEST = 0.45
"""Share of the rate up to which partials go."""
ROUNDS = 40


@dataclass(frozen=True)
class Grid:
    """The pitches and bands, and their rate."""

    rate: int = 11_025
    """Hz."""
    hop: int = 512
    """Samples from frame to frame; a frame sounds for two hops."""
    reach: int = 1024
    """Samples that the analysis of a frame looks at, centered on it."""
    bands: int = 16
    each: int = 16
    """Sines of random pitch and phase that make the noise of a band."""

    @cached_property
    def pitches(self) -> NDArray[np.float64]:
        """Frequencies of the K partials, Hz."""
        keys = np.arange(LOWEST_KEY, QUARTER_TONES_FROM, 1.0)
        fine = np.arange(QUARTER_TONES_FROM, 140, 0.5)
        hertz = 440.0 * 2 ** ((np.concatenate([keys, fine]) - 69) / 12)
        return np.asarray(hertz[hertz < HIGHEST * self.rate])

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the bands, Hz [bands + 1], even on the mel scale."""
        top = 2595 * np.log10(1 + self.rate / 2 / 700)
        return np.asarray(700 * (10 ** (np.linspace(0, top, self.bands + 1) / 2595) - 1))

    @property
    def partials(self) -> int:
        """Number of partials K."""
        return len(self.pitches)

    @property
    def features(self) -> int:
        """Number of levels of a frame F."""
        return self.partials + self.bands

    @cached_property
    def shapes(self) -> NDArray[np.float64]:
        """Magnitudes [K, reach // 2 + 1] of the spectrum of each partial at full scale."""
        time = np.arange(self.reach) / self.rate
        waves = np.exp(2j * np.pi * self.pitches[:, None] * time) / 2
        both = np.fft.fft(waves * np.hanning(self.reach + 1)[:-1], axis=-1)
        return np.asarray(np.abs(both[:, : self.reach // 2 + 1]))

    @cached_property
    def lines(self) -> NDArray[np.float64]:
        """Share [bands, reach // 2 + 1] of each line of the spectrum that a band takes."""
        hertz = np.fft.rfftfreq(self.reach, 1 / self.rate)
        inside = (hertz >= self.edges[:-1, None]) & (hertz < self.edges[1:, None])
        return inside / np.maximum(inside.sum(axis=1, keepdims=True), 1)


def levels(amplitudes: NDArray[np.floating]) -> Floats:
    """Return levels 0-1 of amplitudes, 1 of which is full scale."""
    return np.clip(np.maximum(amplitudes, 0) ** (1 / POWER), 0, 1).astype(np.float32)


def amplitudes(found: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return amplitudes: the inverse of `levels`."""
    return np.asarray(found, np.float64) ** POWER


def analyze(samples: NDArray[np.floating], grid: Grid) -> Floats:
    """Return levels [T, F] of samples [n].

    Frame t is centered on sample t hop, and looks no further than `reach // 2` to either side.
    """
    half = grid.reach // 2
    padded = np.concatenate([np.zeros(half), np.asarray(samples, np.float64), np.zeros(half)])
    starts = grid.hop * np.arange(max(len(samples) // grid.hop, 0))[:, None]
    frames = padded[starts + np.arange(grid.reach)] * np.hanning(grid.reach + 1)[:-1]
    spectrum = np.abs(np.fft.rfft(frames, axis=-1))
    partials = _fitted(spectrum, grid.shapes)
    left_over = np.square(spectrum - partials @ grid.shapes)
    return np.concatenate([levels(partials), levels(_noise(left_over, grid))], axis=-1)


def _fitted(spectrum: NDArray[np.float64], shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return amplitudes [T, K], none negative, that make the spectrum [T, lines].

    By multiplicative updates of the squared error (Lee and Seung 2001).
    """
    target, products = spectrum @ shapes.T, shapes @ shapes.T
    found = np.maximum(target / products.sum(axis=0), 1e-12)
    for _ in range(ROUNDS):
        found *= target / np.maximum(found @ products, 1e-12)
    return found


def _noise(left_over: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Return amplitudes [T, bands]: the root mean square of a band's sound.

    The power of a band is the geometric mean of its lines, times the factor by which this is too
    low for Gaussian noise: peaks that are left over of partials hardly count.
    """
    power = np.exp(np.log(np.maximum(left_over, 1e-18)) @ grid.lines.T + np.euler_gamma)
    variance = power / np.sum(np.hanning(grid.reach + 1)[:-1] ** 2)
    return np.sqrt(variance * np.diff(grid.edges) / (grid.rate / 2))
