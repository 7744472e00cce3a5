"""Tasks: what each kind of model adds to the trainer."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from torch import Tensor, nn

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training set that is about to begin."""

    rng: np.random.Generator
    """Random numbers of this epoch alone: they depend on the seed and the epoch's number."""
    progress: float
    """Share of the plan that is done, 0-1."""


@dataclass(frozen=True, slots=True)
class Batch(Generic[B]):
    """One step of the trainer."""

    content: B
    state: Any
    """State that the last batch of the epoch left; None at the first."""
    progress: float
    """Share of the plan that is done, 0-1."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Loss of a batch."""

    mean: Tensor
    """Scalar to differentiate."""
    total: float
    """Loss summed over the batch, for the learning curve."""
    count: int
    """Notes, frames or samples that `total` is summed over."""
    state: Any = None


@dataclass(frozen=True, slots=True)
class Validation:
    """Result of a validation."""

    figure: float
    """Measure by which the best epoch is chosen."""
    facts: dict[str, Any] = field(default_factory=dict)
    """All that the checkpoint keeps of the validation."""
    line: dict[str, Any] = field(default_factory=dict)
    """Fields of the printed line."""


class Task(ABC, Generic[B]):
    """A model, the batches that it is trained on, its loss and its validation."""

    kind: str
    """Kind of the model in a checkpoint."""
    model: nn.Module
    rank, world = 0, 1
    """Number of this process and count of all: each trains on its own share."""
    better = staticmethod(operator.lt)
    """Comparison of a figure with the best so far."""

    @abstractmethod
    def batches(self, epoch: Epoch) -> tuple[float, Iterable[B]]:
        """Return an epoch's sum of `Loss.count`, which may be an estimate, and its batches."""

    @abstractmethod
    def loss(self, batch: Batch[B]) -> Loss:
        """Return the loss of a batch."""

    def validate(self, _model: Any, curve: list[float]) -> Validation:
        """Return the figure of the model, which is averaged where the plan says so.

        Without a validation set it is the last point of the learning curve.
        """
        return Validation(curve[-1])

    def parameters(self) -> Iterable[nn.Parameter]:
        """Return the parameters to train."""
        return self.model.parameters()
