"""Train the net that reads whole tunes.

The loss of a chunk is -mean ln p(pitch) - mean ln p(chord). The state is carried from chunk to
chunk, gradients are not. The result is an exponential mean of the weights,
mean = a mean + (1 - a) weights (Polyak & Juditsky 1992), after AdamW (Loshchilov & Hutter 2019)
with a rate that falls as 1/2 (1 + cos(pi epoch / epochs)) (Loshchilov & Hutter 2017).
Conventions as in `export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from export.papers.melody_lstm.tune_batches import (
    PADDED,
    Score,
    batches,
    chunks,
    inputs_of,
    moved,
    targets_of,
    without_chords,
)
from export.papers.melody_lstm.tune_model import State, TuneConfig, TuneInputs, TuneModel
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task
from export.training.trainer import trained_by


@dataclass(frozen=True, slots=True)
class TunePlan:
    """Settings of the training."""

    config: TuneConfig = field(default_factory=TuneConfig)
    epochs: int = 20
    rows: int = 24
    """Tunes side by side."""
    length: int = 64
    """Segments of a chunk."""
    rate: float = 3e-3
    """Learning rate of AdamW in the first epoch; it falls to 0 along a cosine."""
    decay: float = 0.01
    transpose: int = 2
    """Largest random transposition of a tune in each epoch, in semitones up or down."""
    unharmonised: float = 0.5
    """Share of the tunes whose earlier chords are hidden: else the net learns only to repeat the
    last chord, and harmonizes nothing by itself."""
    average: float = 0.99
    """Weight of the averaged weights at each step."""
    seed: int = 1


class TuneTask(Task[tuple[TuneInputs, Tensor, bool]]):
    """The net and whole tunes, chunk by chunk."""

    kind = "tune"

    def __init__(self, plan: TunePlan, scores: Sequence[Score]) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self._scores = plan, scores
        self.model = self._net = TuneModel(plan.config)

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[tuple[TuneInputs, Tensor, bool]]]:
        return sum(map(len, self._scores)), self._chunks(epoch.rng)

    def _chunks(self, rng: np.random.Generator) -> Iterator[tuple[TuneInputs, Tensor, bool]]:
        """Yield each chunk's inputs and targets, and whether it begins its tunes."""
        plan = self.plan
        shifts = iter(rng.integers(-plan.transpose, plan.transpose + 1, len(self._scores)))
        for batch in batches(self._scores, plan.rows, rng):
            tunes = [moved(score, int(next(shifts))) for score in batch]
            alone = torch.from_numpy(rng.random(len(tunes)) < plan.unharmonised)
            parts = chunks(without_chords(inputs_of(tunes), alone), plan.length)
            targets = targets_of(tunes).split(plan.length)
            for i, (part, aim) in enumerate(zip(parts, targets, strict=True)):
                yield part, aim, i == 0

    def loss(self, batch: Batch[tuple[TuneInputs, Tensor, bool]]) -> Loss:
        inputs, targets, first = batch.content
        state = self._net.initial(inputs.pitch.shape[1]) if first else batch.state
        nats, state = losses(self._net, inputs, targets, state)
        size = int((targets[..., 0] != PADDED).sum())
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


def losses(
    model: TuneModel, inputs: TuneInputs, targets: Tensor, state: State
) -> tuple[Tensor, State]:
    """Return the mean nats of melody and chords [2], and the state, detached."""
    context, (h, c) = model.listen(inputs, state)
    heads = (model.melody_logits(context, inputs), model.chord_logits(context, inputs))
    nats = [
        F.cross_entropy(logits.flatten(0, 1), targets[..., i].flatten())
        for i, logits in enumerate(heads)
    ]
    return torch.stack(nats), (h.detach(), c.detach())
