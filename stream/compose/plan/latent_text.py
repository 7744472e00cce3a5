"""Latent points as text."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(points: NDArray[np.floating[Any]]) -> str:
    """Return latent points [n, Z] as text, as `StyleSpec.points` stores them."""
    return base64.b64encode(points.astype("<f2").tobytes()).decode()


def unpacked(points: str, width: int) -> NDArray[np.float16]:
    """Return the latent points [n, width] in a text: the inverse of `packed`."""
    return np.frombuffer(base64.b64decode(points), "<f2").reshape(-1, width)
