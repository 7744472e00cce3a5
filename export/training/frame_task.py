"""The task of a model of frames with a past: the state is carried from chunk to chunk."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from export.training.plan import FramePlan
from export.training.task import Batch, Epoch, Loss, Task


class Chunk(Protocol):
    """T frames of B rows."""

    @property
    def cold(self) -> Tensor:
        """True for rows that begin a piece [B]."""

    @property
    def mask(self) -> Tensor:
        """True for frames that count [T, B]."""


C = TypeVar("C", bound=Chunk)


class FrameTask(Task[C]):
    """A model whose pieces move into other keys until the plan settles."""

    tokens = 1
    """Tokens of a frame, where losses are means over tokens."""
    model: Any

    def __init__(self, model: Any, plan: FramePlan) -> None:
        self.model, self.plan = model, plan

    @abstractmethod
    def chunks(self, reach: int, rng: np.random.Generator) -> Sequence[C]:
        """Return an epoch's chunks, of pieces moved by at most so many semitones."""

    @abstractmethod
    def nats(self, chunk: C, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return minus log-probabilities [T, B, heads], 0 where padded, and the next state."""

    def batches(self, epoch: Epoch) -> tuple[float, Sequence[C]]:
        chunks = self.chunks(self.plan.reach(epoch.progress), epoch.rng)
        return self.tokens * sum(int(chunk.mask.sum()) for chunk in chunks), chunks

    def loss(self, batch: Batch[C]) -> Loss:
        chunk, state = batch.content, batch.state
        if state is None:
            state = self.model.initial(self.plan.rows)
        nats, state = self.nats(chunk, torch.where(chunk.cold[:, None], 0.0, state.detach()))
        frames = int(chunk.mask.sum())
        # At least a quarter of the batch: its end is thin.
        counted = max(frames, chunk.mask.numel() // 4)
        total = nats.sum()
        return Loss(
            total / (self.tokens * counted), float(total.detach()), self.tokens * frames, state
        )
