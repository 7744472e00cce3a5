"""The limiter: replace NaN and infinities by silence, soft-clip above `KNEE`.

The curve has no state. It is linear up to `KNEE`, and above it approaches full scale without
reaching it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KNEE = 0.8
"""Share of full scale up to which samples are not changed."""
FULL_SCALE = 32767
"""Largest value of a 16-bit sample."""
HIGHEST = 1e6
"""Largest magnitude of samples before the limiter: louder than any sound, far from overflow."""

Floats = NDArray[np.float32]


def finite(samples: Floats) -> Floats:
    """Return the samples [n], with 0 for what is not finite, clipped to ±`HIGHEST`."""
    clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(clean, -HIGHEST, HIGHEST)


def limited(samples: Floats) -> Floats:
    """Return any samples [n], limited to -1 to 1."""
    clean = finite(samples)
    magnitude = np.abs(clean)
    headroom = np.float32(1.0 - KNEE)
    soft = KNEE + headroom * np.tanh((magnitude - KNEE) / headroom)
    return np.where(magnitude <= KNEE, clean, np.copysign(soft, clean)).astype(np.float32)


def pcm(samples: Floats) -> bytes:
    """Return the samples [n], limited, as 16-bit numbers, little-endian: 2 n bytes."""
    return np.rint(limited(samples) * FULL_SCALE).astype("<i2").tobytes()
