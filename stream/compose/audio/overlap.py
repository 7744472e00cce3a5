"""Joins blocks without clicks: overlapping ones are added, adjacent ones bent to meet.

The output is finite whatever a block holds. The tail is what a block leaves for the next: the
samples beyond its hop or, if blocks do not overlap, the last sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.compose.audio.limiter import finite
from stream.voices.audio_spec import AudioSpec

Floats = NDArray[np.float32]
JOINT_SECONDS = 0.005
"""Seconds over which an adjacent block departs from the end of the block before."""


class Overlap:
    """Adds the blocks of a voice."""

    def __init__(self, audio: AudioSpec) -> None:
        self._audio = audio
        self._overlap = audio.length - audio.hop
        self.width = max(self._overlap, 1)
        """Samples of the tail."""
        self._window = _window(audio) if audio.synthesis == "spectrum" else None
        joint = min(max(round(JOINT_SECONDS * audio.rate), 1), audio.hop)
        self._joint = 0.5 + 0.5 * np.cos(np.pi * np.arange(joint, dtype=np.float32) / joint)

    def silence(self) -> Floats:
        """Return the tail before the first block."""
        return np.zeros(self.width, np.float32)

    def __call__(self, tail: Floats, block: Floats) -> tuple[Floats, Floats]:
        """Return the next `hop` samples, and the tail after them."""
        samples = self._samples(finite(block))
        if not self._overlap:
            return self._joined(tail, samples)
        samples[: self.width] += tail
        return samples[: self._audio.hop], samples[self._audio.hop :]

    def _samples(self, block: Floats) -> Floats:
        if self._window is None:
            return block.copy()
        real, imaginary = np.split(block, 2)
        sound = np.fft.irfft(real + 1j * imaginary, self._audio.length)
        return (sound * self._window).astype(np.float32)

    def _joined(self, tail: Floats, samples: Floats) -> tuple[Floats, Floats]:
        last = samples[-1:].copy()
        joint = len(self._joint)
        samples[:joint] += (tail[-1] - samples[0]) * self._joint
        return samples, last


def _window(audio: AudioSpec) -> Floats:
    """Return the window: 1 where a block is alone; where two blocks overlap, the sum is 1."""
    overlap = audio.length - audio.hop
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(overlap) + 0.5) / max(overlap, 1))
    window = np.ones(audio.length)
    window[:overlap] = rise
    window[audio.hop :] = rise[::-1]
    return window.astype(np.float32)
