"""Train the net that hears whole tunes.

The state is carried from chunk to chunk, gradients are not. What is kept is the mean of the weights
of the last steps. Conventions as in `export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from export.papers.melody_lstm.tune_batches import (
    NOBODY,
    Score,
    batches,
    chunks,
    moved,
    told_of,
    unharmonised,
    wanted_of,
)
from export.papers.melody_lstm.tune_model import State, Told, TuneConfig, TuneModel
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task
from export.training.trainer import trained_by


@dataclass(frozen=True, slots=True)
class TunePlan:
    """How to train."""

    config: TuneConfig = field(default_factory=TuneConfig)
    epochs: int = 20
    rows: int = 24
    """Tunes side by side."""
    length: int = 64
    """Segments a chunk."""
    rate: float = 3e-3
    """Of AdamW, in the first epoch; it falls to nothing along a cosine."""
    decay: float = 0.01
    transpose: int = 2
    """Each epoch moves each tune by up to so many semitones either way."""
    unharmonised: float = 0.5
    """Share of the tunes whose chords before are not told: else the net learns to repeat the last
    one, and alone does nothing else."""
    average: float = 0.99
    """Share of the averaged weights kept at each step."""
    seed: int = 1


class TuneTask(Task[tuple[Told, Tensor, bool]]):
    """The net and whole tunes, chunk by chunk."""

    kind = "tune"

    def __init__(self, plan: TunePlan, scores: Sequence[Score]) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.model, self._scores = plan, TuneModel(plan.config), scores

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[tuple[Told, Tensor, bool]]]:
        return sum(map(len, self._scores)), self._chunks(epoch.rng)

    def _chunks(self, rng: np.random.Generator) -> Iterator[tuple[Told, Tensor, bool]]:
        """Yield each chunk's inputs and targets, and whether it begins its tunes."""
        plan = self.plan
        shifts = iter(rng.integers(-plan.transpose, plan.transpose + 1, len(self._scores)))
        for batch in batches(self._scores, plan.rows, rng):
            tunes = [moved(score, int(next(shifts))) for score in batch]
            alone = torch.from_numpy(rng.random(len(tunes)) < plan.unharmonised)
            parts = chunks(unharmonised(told_of(tunes), alone), plan.length)
            targets = wanted_of(tunes).split(plan.length)
            for i, (part, aim) in enumerate(zip(parts, targets, strict=True)):
                yield part, aim, i == 0

    def loss(self, batch: Batch[tuple[Told, Tensor, bool]]) -> Loss:
        told, wanted, first = batch.content
        state = self.model.initial(told.pitch.shape[1]) if first else batch.state
        nats, state = losses(self.model, told, wanted, state)
        size = int((wanted[..., 0] != NOBODY).sum())
        return Loss(nats.sum(), float(nats[0].detach()) * size, size, state)


def train(
    plan: TunePlan, scores: Sequence[Score], after: Callable[[int, float], None] | None = None
) -> TuneModel:
    """Return a model trained on the tunes; `after` gets the epochs done and the melody's nats."""
    steps = Plan(
        epochs=plan.epochs, rate=plan.rate, decay=plan.decay, average=plan.average,
        seed=plan.seed, patience=plan.epochs, warm_up=0.0, last_rate=0.0,
    )  # fmt: skip
    trained: TuneModel = trained_by(TuneTask(plan, scores), steps, after)
    return trained


def losses(model: TuneModel, told: Told, wanted: Tensor, state: State) -> tuple[Tensor, State]:
    """Mean nats of melody and chords [2], and the state, cut off from what made it."""
    context, (h, c) = model.listen(told, state)
    heads = (model.melody_logits(context, told), model.chord_logits(context, told))
    nats = [
        F.cross_entropy(logits.flatten(0, 1), wanted[..., i].flatten())
        for i, logits in enumerate(heads)
    ]
    return torch.stack(nats), (h.detach(), c.detach())
