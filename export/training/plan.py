"""Training plans: the hyper-parameters of the trainer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import nn

from stream.errors import SettingsError

OPTIMIZERS = ("adam", "sgd", "rmsprop")


@dataclass(frozen=True, slots=True)
class Plan:
    """Hyper-parameters of a training. Raises `SettingsError` for a value out of range."""

    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {
        "epochs": (1, math.inf),
        "minutes": (0.0, math.inf),
        "rows": (1, math.inf),
        "length": (1, math.inf),
        "rate": (1e-9, 1.0),
        "decay": (0.0, 1.0),
        "average": (0.0, 0.99999),
        "momentum": (0.0, 0.999),
        "clip": (0.0, math.inf),
        "every": (1, math.inf),
        "patience": (1, math.inf),
        "seed": (0, 2**32 - 1),
        "warm_up": (0.0, math.inf),
        "last_rate": (0.0, 1.0),
    }
    """Lowest and highest value of each field."""

    epochs: int = 100
    minutes: float = 0.0
    """Minutes after which training ends; 0: only the epochs count."""
    rows: int = 16
    """Rows of a batch."""
    length: int = 128
    """Frames or events of a batch."""
    rate: float = 1e-3
    """Peak of the learning rate."""
    decay: float = 0.01
    """Weight decay, decoupled from the gradient (Loshchilov & Hutter 2019) with `adam`."""
    average: float = 0.0
    """Share of the averaged weights kept at each step; 0: nothing is averaged."""
    optimizer: str = field(default="adam", metadata={"choices": OPTIMIZERS})
    """`adam` (AdamW), `sgd` with Nesterov momentum, or `rmsprop`."""
    momentum: float = 0.9
    """Momentum of `sgd`; 0: plain gradient descent."""
    clip: float = 1.0
    """Largest norm of the gradient (Pascanu et al. 2013); 0: no limit."""
    every: int = 1
    """Epochs from one validation to the next."""
    patience: int = 20
    """Epochs without improvement before an early stop."""
    seed: int = 1
    warm_up: float = 0.5
    """Epochs over which the learning rate rises linearly from 0 to its peak."""
    last_rate: float = 0.01
    """Share of the peak to which the learning rate falls along a cosine; 1: it stays."""

    def __post_init__(self) -> None:
        for name, (low, high) in self.ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                flag = name.replace("_", "-")
                raise SettingsError(f"--{flag} {value}: must lie within {low:g} and {high:g}")

    def validates(self, epoch: int) -> bool:
        """Return whether the model is validated after this many epochs."""
        return epoch % self.every == 0 or epoch >= self.epochs

    def rate_at(self, progress: float, epochs: float) -> float:
        """Return the learning rate at this share of the plan, after so many epochs.

        Cosine schedule (Loshchilov & Hutter 2017, equation 5) from `rate` to `last_rate` of it,
        after a linear warm-up.
        """
        warm = min(epochs / self.warm_up, 1.0) if self.warm_up else 1.0
        cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
        return self.rate * warm * (self.last_rate + (1 - self.last_rate) * cosine)

    def average_at(self, steps: int) -> float:
        """Return the share of the averaged weights kept at this step: less at the beginning."""
        return min(self.average, steps / (steps + 10))

    def optimizer_of(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """Return the plan's optimizer of these parameters."""
        if self.optimizer == "adam":
            return torch.optim.AdamW(
                parameters, lr=self.rate, weight_decay=self.decay, betas=(0.9, 0.98)
            )
        if self.optimizer == "rmsprop":
            return torch.optim.RMSprop(parameters, lr=self.rate, weight_decay=self.decay)
        return torch.optim.SGD(
            parameters, lr=self.rate, weight_decay=self.decay, momentum=self.momentum,
            nesterov=self.momentum > 0,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FramePlan(Plan):
    """Hyper-parameters of training a model of frames."""

    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {
        **Plan.ranges,
        "transpose": (0, 11),
        "settling": (0.0, 1.0),
    }

    transpose: int = 0
    """Semitones by which each epoch moves each piece at most, up or down."""
    settling: float = 0.25
    """Share of the plan, its last, in which all pieces stay in their own keys."""

    def reach(self, progress: float) -> int:
        """Return the semitones by which pieces move at this share of the plan."""
        return 0 if progress >= 1 - self.settling else self.transpose
