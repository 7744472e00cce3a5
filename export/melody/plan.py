"""The hyper-parameters of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stream.errors import SettingsError

RANGES = {
    "epochs": (1, math.inf),
    "rows": (1, math.inf),
    "length": (1, math.inf),
    "rate": (1e-9, 1.0),
    "free_bits": (0.0, math.inf),
    "annealing": (1e-9, 1.0),
    "word_dropout": (0.0, 1.0),
    "balance": (0.0, 1.0),
    "tag_dropout": (0.0, 1.0),
    "patience": (1, math.inf),
    "seed": (0, 2**32 - 1),
}
"""Lowest and highest value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. Raises `SettingsError` for a value that is out of range."""

    epochs: int = 26
    rows: int = 128
    length: int = 64
    """Events a segment."""
    rate: float = 1.5e-3
    """Peak learning rate: linear warm-up, then a cosine down to a hundredth."""
    free_bits: float = 0.25
    """Nats a latent dimension may use without cost."""
    annealing: float = 0.2
    """Share of all steps over which the weight of the divergence grows from 0 to 1."""
    word_dropout: float = 0.15
    dropout: tuple[float, float] = (0.1, 0.25)
    """Variational dropout of the decoder's input and state."""
    balance: float = 0.7
    tag_dropout: float = 0.12
    patience: int = 8
    """Epochs without improvement before an early stop."""
    seed: int = 1

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                flag = name.replace("_", "-")
                raise SettingsError(f"--{flag} {value}: must lie within {low:g} and {high:g}")
