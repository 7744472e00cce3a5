"""Train the net that reads whole tunes.

The loss of a chunk is -mean ln p(pitch) - mean ln p(chord). The state is carried from chunk to
chunk, gradients are not. The result is an exponential mean of the weights,
mean = a mean + (1 - a) weights (Polyak & Juditsky 1992), after AdamW (Loshchilov & Hutter 2019)
with a rate that falls as 1/2 (1 + cos(pi epoch / epochs)) (Loshchilov & Hutter 2017).
Conventions as in `export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
from export.training.weight_average import follow


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


def train(
    plan: TunePlan, scores: Sequence[Score], after: Callable[[int, float], None] | None = None
) -> TuneModel:
    """Return a model trained on the tunes; `after` gets each epoch and the melody's nats in it."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    model, mean = TuneModel(plan.config), TuneModel(plan.config)
    optimizer = torch.optim.AdamW(model.parameters(), plan.rate, weight_decay=plan.decay)
    mean.load_state_dict(model.state_dict())
    for epoch in range(1, plan.epochs + 1):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / plan.epochs))
        total, count = 0.0, 0
        shifts = iter(rng.integers(-plan.transpose, plan.transpose + 1, len(scores)))
        for batch in batches(scores, plan.rows, rng):
            tunes = [moved(score, int(next(shifts))) for score in batch]
            alone = torch.from_numpy(rng.random(len(tunes)) < plan.unharmonised)
            inputs = without_chords(inputs_of(tunes), alone)
            for nats, size in _chunk_losses(model, inputs, targets_of(tunes), plan.length):
                optimizer.zero_grad(set_to_none=True)
                nats.sum().backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                follow(mean, model, plan.average if epoch > 1 else 0.9)
                total, count = total + float(nats[0].detach()) * size, count + size
        if after is not None:
            after(epoch, total / count)
    return mean.eval()


def _chunk_losses(
    model: TuneModel, inputs: TuneInputs, targets: Tensor, length: int
) -> Iterator[tuple[Tensor, int]]:
    """Yield the mean nats of melody and chords [2] of each chunk, and its number of segments."""
    state = model.initial(inputs.pitch.shape[1])
    for part, aim in zip(chunks(inputs, length), targets.split(length), strict=True):
        nats, state = losses(model, part, aim, state)
        yield nats, int((aim[..., 0] != PADDED).sum())


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
