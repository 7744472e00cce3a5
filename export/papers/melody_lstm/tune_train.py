"""Train the net that hears whole tunes.

The state is carried from chunk to chunk, gradients are not. What is kept is the mean of the weights
of the last steps. Conventions as in `export.papers.melody_lstm.tune_model`.
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
from export.training.weight_average import follow


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


def train(
    plan: TunePlan, scores: Sequence[Score], after: Callable[[int, float], None] | None = None
) -> TuneModel:
    """A model that has learnt the tunes; `after` hears the epochs done and the melody's nats."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    model, mean = TuneModel(plan.config), TuneModel(plan.config)
    optimiser = torch.optim.AdamW(model.parameters(), plan.rate, weight_decay=plan.decay)
    mean.load_state_dict(model.state_dict())
    for epoch in range(1, plan.epochs + 1):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / plan.epochs))
        total, count = 0.0, 0
        shifts = iter(rng.integers(-plan.transpose, plan.transpose + 1, len(scores)))
        for batch in batches(scores, plan.rows, rng):
            tunes = [moved(score, int(next(shifts))) for score in batch]
            alone = torch.from_numpy(rng.random(len(tunes)) < plan.unharmonised)
            told = unharmonised(told_of(tunes), alone)
            for nats, size in _walk(model, told, wanted_of(tunes), plan.length):
                optimiser.zero_grad(set_to_none=True)
                nats.sum().backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                follow(mean, model, plan.average if epoch > 1 else 0.9)
                total, count = total + float(nats[0].detach()) * size, count + size
        if after is not None:
            after(epoch, total / count)
    return mean.eval()


def _walk(
    model: TuneModel, told: Told, wanted: Tensor, length: int
) -> Iterator[tuple[Tensor, int]]:
    """Mean nats of melody and chords [2] of each chunk, and its segments."""
    state = model.initial(told.pitch.shape[1])
    for part, aim in zip(chunks(told, length), wanted.split(length), strict=True):
        nats, state = losses(model, part, aim, state)
        yield nats, int((aim[..., 0] != NOBODY).sum())


def losses(model: TuneModel, told: Told, wanted: Tensor, state: State) -> tuple[Tensor, State]:
    """Mean nats of melody and chords [2], and the state, cut off from what made it."""
    context, (h, c) = model.listen(told, state)
    heads = (model.melody_logits(context, told), model.chord_logits(context, told))
    nats = [
        F.cross_entropy(logits.flatten(0, 1), wanted[..., i].flatten())
        for i, logits in enumerate(heads)
    ]
    return torch.stack(nats), (h.detach(), c.detach())
