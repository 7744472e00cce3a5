"""The hyper-parameters of training a model of frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import nn

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
    "momentum": (0.0, 0.999),
    "clip": (0.0, math.inf),
    "every": (1, math.inf),
    "settling": (0.0, 1.0),
    "patience": (1, math.inf),
    "seed": (0, 2**32 - 1),
}
"""Lowest and highest value."""
OPTIMISERS = ("adam", "sgd")


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
    optimiser: str = field(default="adam", metadata={"choices": OPTIMISERS})
    """`adam` (AdamW), or `sgd` with Nesterov momentum."""
    momentum: float = 0.9
    """Of `sgd`; 0: plain gradient descent."""
    clip: float = 1.0
    """Longest step of the gradient, by its norm; 0: not clipped."""
    every: int = 1
    """Epochs from one validation to the next."""
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

    def validates(self, epoch: int) -> bool:
        """Whether the validation splits are read after this many epochs."""
        return epoch % self.every == 0 or epoch >= self.epochs

    def made(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The plan's optimiser of these parameters."""
        if self.optimiser == "adam":
            return torch.optim.AdamW(
                parameters, lr=self.rate, weight_decay=self.decay, betas=(0.9, 0.98)
            )
        return torch.optim.SGD(
            parameters, lr=self.rate, weight_decay=self.decay, momentum=self.momentum,
            nesterov=self.momentum > 0,
        )  # fmt: skip
