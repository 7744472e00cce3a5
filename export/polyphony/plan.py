"""The hyper-parameters of training a model of frames."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stream.errors import SettingsError

RANGES = {
    "epochs": (1, math.inf),
    "minutes": (0.0, math.inf),
    "rows": (1, math.inf),
    "length": (1, math.inf),
    "rate": (1e-9, 1.0),
    "decay": (0.0, 1.0),
    "average": (0.0, 0.99999),
    "transpose": (0, 11),
    "settling": (0.0, 1.0),
    "patience": (1, math.inf),
    "seed": (0, 2**32 - 1),
}
"""Lowest and highest value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. Raises `SettingsError` for a value that is out of range."""

    epochs: int = 100
    minutes: float = 0.0
    """Training ends after so many; 0: only the epochs count."""
    rows: int = 16
    length: int = 128
    """Frames a chunk."""
    rate: float = 1e-3
    """Peak learning rate: linear warm-up in the first half epoch, then a cosine to a hundredth."""
    decay: float = 0.01
    """Weight decay (AdamW)."""
    average: float = 0.0
    """Share of the averaged weights kept at each step; 0: the weights themselves are used."""
    transpose: int = 0
    """Each epoch moves each piece by up to so many semitones either way."""
    settling: float = 0.25
    """Share of the plan, its last, in which all pieces stay in their own keys after all."""
    patience: int = 20
    """Epochs without improvement before an early stop."""
    seed: int = 1

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"--{name} {value}: must lie within {low:g} and {high:g}")
