"""The resampler from the voice's rate to the output's: a linear-phase polyphase filter."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TAPS = 32
"""Taps of each phase when the rate goes up."""
PASSED = 0.95
"""Share of the lower rate's band that passes."""
BETA = 8.0
"""Shape of the Kaiser window: what lies beyond the band is about 80 dB lower."""


class Resampler:
    """A converter from one rate to another, chunk by chunk; it delays by half its taps.

    After a period of samples the phases repeat, so a period is one product of matrices.
    """

    def __init__(self, source: int, target: int) -> None:
        common = math.gcd(source, target)
        self._up, self._down = target // common, source // common
        self._matrix = _matrix(self._up, self._down) if self._up != self._down else None
        self._past = 0 if self._matrix is None else len(self._matrix) - self._down
        self.width = 0 if self._matrix is None else len(self._matrix) - 1
        """Samples of the tail: the last samples before the next chunk, which it needs."""

    def __call__(self, tail: Floats, phase: int, samples: Floats) -> tuple[Floats, Floats, int]:
        """Return the chunk at the other rate, the tail after it, and the phase of the next chunk.

        The phase is the number of samples of the period that have passed.
        """
        if self._matrix is None:
            return samples, tail, 0
        end = phase + len(samples)
        periods = -(-end // self._down)
        available = np.concatenate((tail, samples))
        padding = np.zeros(periods * self._down - end, np.float32)
        padded = np.concatenate((available[self.width - self._past - phase :], padding))
        rows = sliding_window_view(padded, len(self._matrix))[:: self._down]
        output = (np.ascontiguousarray(rows) @ self._matrix).reshape(-1)
        first, last = (-(-at * self._up // self._down) for at in (phase, end))
        return output[first:last], available[len(available) - self.width :], end % self._down


def _matrix(up: int, down: int) -> Floats:
    """Return the matrix from the samples of a period, and some before it, to the new ones."""
    taps = _taps(up, down)
    width = taps.shape[1]
    matrix = np.zeros((down + width - 1, up), np.float32)
    for m in range(up):
        at, phase = divmod(m * down, up)
        matrix[at : at + width, m] = taps[phase]
    return matrix


def _taps(up: int, down: int) -> Floats:
    """Return the taps of each phase [up, T], oldest sample first; each set sums to 1."""
    per_phase = TAPS * max(-(-down // up), 1)
    count = per_phase * up
    time = (np.arange(count) - (count - 1) / 2) / up
    band = PASSED * min(1.0, up / down)
    taps = band * np.sinc(band * time) * np.kaiser(count, BETA)
    phases = taps.reshape(per_phase, up)[::-1].T
    phases /= phases.sum(axis=1, keepdims=True)
    return phases.astype(np.float32)
