"""Blocks of sound and their spectra, there and back.

A block has `hop + fade` samples and shares the last `fade` of them with the next block: where
blocks meet, one fades out as the other fades in, with weights that add up to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def rising(fade: int) -> Floats:
    """Return the weights [fade] of the next block: half a raised cosine."""
    return np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(fade, 1)).astype(np.float32) ** 2


def window(hop: int, length: int) -> Floats:
    """Return a block's weights [length]: rising, one, falling; those of neighbors add up to 1."""
    fade = length - hop
    weights = np.ones(length, np.float32)
    weights[:fade] = rising(fade)
    weights[hop:] *= rising(fade)[::-1]
    return weights


def cut(samples: NDArray[np.floating], hop: int, length: int) -> Floats:
    """Return blocks [T, length] of samples [n], without the rest."""
    count = max((len(samples) - length) // hop + 1, 0)
    starts = hop * np.arange(count)[:, None]
    return np.asarray(samples, np.float32)[starts + np.arange(length)]


def spectra(blocks: NDArray[np.floating]) -> Floats:
    """Return real, then imaginary parts [T, 2 (length // 2 + 1)] of blocks [T, length]."""
    found = np.fft.rfft(blocks, axis=-1)
    return np.concatenate([found.real, found.imag], axis=-1).astype(np.float32)


def blocks_of(features: NDArray[np.floating], length: int) -> Floats:
    """Return blocks from spectra: the inverse of `spectra`."""
    real, imaginary = np.split(np.asarray(features, np.float64), 2, axis=-1)
    return np.fft.irfft(real + 1j * imaginary, n=length, axis=-1).astype(np.float32)


def joined(blocks: NDArray[np.floating], hop: int) -> Floats:
    """Return samples [T hop] of blocks [T, length], overlapped and added; the first fades in."""
    length = blocks.shape[-1]
    weighted = np.asarray(blocks, np.float64) * window(hop, length)
    out = np.zeros(hop * len(blocks) + length - hop)
    for i, block in enumerate(weighted):
        out[i * hop : i * hop + length] += block
    return out[: hop * len(blocks)].astype(np.float32)
