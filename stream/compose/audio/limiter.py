"""Nothing but sound reaches a sound card: what is no number is silence, what is too loud is bent.

The curve has no memory: below `KNEE` it is straight, above it nears full scale and never meets it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KNEE = 0.8
"""Of full scale."""
FULL_SCALE = 32767
"""Of 16-bit samples."""
HIGHEST = 1e6
"""Of samples before they are limited: louder than any sound, and far from overflow."""

Floats = NDArray[np.float32]


def finite(samples: Floats) -> Floats:
    """The samples [n], those that are no number at 0, and none beyond `HIGHEST`."""
    clean = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(clean, -HIGHEST, HIGHEST)


def limited(samples: Floats) -> Floats:
    """Samples [n] from -1 to 1, whatever they were."""
    clean = finite(samples)
    size = np.abs(clean)
    room = np.float32(1.0 - KNEE)
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size <= KNEE, clean, np.copysign(bent, clean)).astype(np.float32)


def pcm(samples: Floats) -> bytes:
    """The samples [n], limited, as 16-bit numbers, little-endian: 2 n bytes."""
    return np.rint(limited(samples) * FULL_SCALE).astype("<i2").tobytes()
