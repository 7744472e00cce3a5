"""The paper's two experiments with the gradient through whole choruses and Adam.

Training stops when a network has played so many whole cycles of right chords by itself: one in the
paper, which can be luck. Where there is a melody it goes on until that hardly strays from the notes
it is made of.
Several networks learn side by side, as one: small ones take a computer no longer together than
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from export.papers.lstm_blues import song
from export.papers.lstm_blues.networks import CHORD_NOTES, Network
from export.papers.lstm_blues.play import Player, right

CHORUSES = 3
"""Through which an error is followed."""
LOOK = 50
"""Iterations between trials of what the networks play by themselves."""
STRAY = 1e-5
"""Chance left to notes that are in no melody, where melodies have been learnt."""
CLIP = 20.0
"""Norm of a network's gradient at most: a cliff is not jumped from, a noisy melody not muffled."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long networks may learn, and how fast."""

    iterations: int = 40_000
    rate: float = 5e-3
    rows: int = 4
    """Songs an iteration, where there is a melody."""
    cycles: int = 10
    """That a network has to play without a fault."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Learnt:
    """How it went with one network."""

    iterations: int
    loss: float
    """Nats a step, all notes together, in the last iteration."""
    converged: bool
    """Whether the cycles were right in time."""


def learn(models: Sequence[Network], budget: Budget) -> list[Learnt]:
    """Train networks of one kind in place."""
    rng = np.random.default_rng(budget.seed)
    optimiser = torch.optim.Adam([p for m in models for p in m.parameters()], lr=budget.rate)
    left, found = list(range(len(models))), {}
    for i in range(1, budget.iterations + 1):
        losses = _iteration([models[k] for k in left], optimiser, batch(models[0], budget, rng))
        if i % LOOK == 0:
            done = {k for k in left if goes_round(models[k], budget.cycles)}
            found |= {k: Learnt(i, losses[left.index(k)], converged=True) for k in done}
            left = [k for k in left if k not in done]
            optimiser.zero_grad()
            if not left:
                break
    else:
        found |= {k: Learnt(i, losses[j], converged=False) for j, k in enumerate(left)}
    return [found[k] for k in range(len(models))]


def batch(model: Network, budget: Budget, rng: np.random.Generator) -> Tensor:
    """[T, B, notes] what one iteration learns from: songs after one another."""
    if model.notes == CHORD_NOTES:
        return torch.from_numpy(np.tile(song.chords(), (CHORUSES, 1)))[:, None]
    drawn = rng.integers(2, size=(CHORUSES, budget.rows, song.BARS))
    return torch.from_numpy(np.concatenate([song.songs(choices) for choices in drawn]))


def _iteration(
    models: Sequence[Network], optimiser: torch.optim.Optimizer, steps: Tensor
) -> list[float]:
    """The loss of each network before it."""
    optimiser.zero_grad()
    losses = [
        F.binary_cross_entropy_with_logits(logits, steps[1:], reduction="none").sum(-1).mean()
        for logits in side_by_side(models, steps[:-1])
    ]
    torch.stack(losses).sum().backward()
    for model in models:
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimiser.step()
    return [loss.item() for loss in losses]


def side_by_side(models: Sequence[Network], x: Tensor) -> list[Tensor]:
    """Logits [T, B, notes] of each of several networks: their memories are one without ties."""
    first, hidden = models[0], models[0].hidden
    gates = 4 if first.lstm else 1
    weights = [m.memory() for m in models]
    notes, own, bias = (
        [part.reshape(gates, hidden, *part.shape[1:]) for part in parts]
        for parts in zip(*weights, strict=True)
    )
    with torch.device("meta"):
        kind = nn.LSTM if first.lstm else nn.RNN
        memory = kind(x.shape[-1], hidden * len(models))
    biases = torch.cat(bias, 1).reshape(-1)
    output, _ = functional_call(memory, {
        "weight_ih_l0": torch.cat(notes, 1).reshape(-1, x.shape[-1]),
        "weight_hh_l0": torch.cat([torch.block_diag(*(w[g] for w in own)) for g in range(gates)]),
        "bias_ih_l0": biases, "bias_hh_l0": torch.zeros_like(biases),
    }, x)  # fmt: skip
    heard = [torch.cat([part, x], -1) for part in output.split(hidden, -1)]
    return [F.linear(h, *m.outputs()) for h, m in zip(heard, models, strict=True)]


def goes_round(model: Network, cycles: int) -> bool:
    """Whether so many choruses, from the first step on, have right chords, and no stray melody."""
    first = song.songs(np.zeros((1, song.BARS), np.int64))[:1, 0, : model.notes]
    for tried in sorted({1, min(10, cycles), cycles}):  # Most that fail do so in the first.
        played = Player(model).play(first, tried, np.random.default_rng(0))
        if not (right(played, song.chords()) == 1).all() or played.strays > STRAY:
            return False
    return True
