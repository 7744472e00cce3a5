"""From the voice's rate to the output's: a linear-phase filter, one set of taps for each phase."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TAPS = 32
"""Of each phase, where the rate goes up."""
PASSED = 0.95
"""Of the lower rate's band."""
BETA = 8.0
"""Of the Kaiser window: what lies beyond the band is some 80 dB lower."""


class Resampler:
    """From one rate to another, piece by piece; delays by half its taps."""

    def __init__(self, source: int, target: int) -> None:
        common = math.gcd(source, target)
        self._up, self._down = target // common, source // common
        self._taps = _taps(self._up, self._down) if self._up != self._down else None
        self.width = 0 if self._taps is None else self._taps.shape[1] - 1
        """Samples of the tail: the last of the piece before, which the next piece needs."""

    def __call__(self, tail: Floats, phase: int, samples: Floats) -> tuple[Floats, Floats, int]:
        """The piece at the other rate, the tail after it, and the phase of what comes next."""
        if self._taps is None:
            return samples, tail, 0
        heard = np.concatenate((tail, samples))
        end = len(samples) * self._up
        times = np.arange(phase, end, self._down)
        rows = sliding_window_view(heard, self._taps.shape[1])[times // self._up]
        made = np.einsum("ij,ij->i", rows, self._taps[times % self._up])
        after = phase + len(times) * self._down - end
        return made.astype(np.float32), heard[len(heard) - self.width :], after


def _taps(up: int, down: int) -> Floats:
    """The taps of each phase [up, T], oldest sample first; each set passes silence as silence."""
    wide = TAPS * max(-(-down // up), 1)
    count = wide * up
    time = (np.arange(count) - (count - 1) / 2) / up
    band = PASSED * min(1.0, up / down)
    taps = band * np.sinc(band * time) * np.kaiser(count, BETA)
    phases = taps.reshape(wide, up)[::-1].T
    phases /= phases.sum(axis=1, keepdims=True)
    return phases.astype(np.float32)
