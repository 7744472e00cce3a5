"""The two experiments of Eck & Schmidhuber (2002), by back-propagation through choruses and Adam.

    L = -mean_t sum_n (x_n ln y_n + (1 - x_n) ln(1 - y_n)),  y = sigmoid(output)      (section 3)

Training stops when a network has played a number of whole cycles of correct chords by itself: one
in the paper, which can be luck. With a melody it continues until notes outside the melody's scale
are improbable. Several networks are trained side by side as one, in about the time of one of them.
Conventions: T steps, B songs, H units of a network, G gates; float32.
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
"""Choruses through which the gradient is propagated back."""
LOOK = 50
"""Iterations between two trials of the networks' own playing."""
STRAY = 1e-5
"""Largest probability of notes outside the melody's scale at which training may stop."""
CLIP = 20.0
"""Largest norm of a network's gradient: bounds exploding gradients, not those of a noisy melody."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Length and rate of the training."""

    iterations: int = 40_000
    rate: float = 5e-3
    rows: int = 4
    """Songs an iteration, where there is a melody."""
    cycles: int = 10
    """Cycles that a network has to play without a fault."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Outcome of the training of one network."""

    iterations: int
    loss: float
    """Nats a step, summed over the notes, in the last iteration."""
    converged: bool
    """True if the cycles were correct within the budget."""


def learn(models: Sequence[Network], budget: Budget) -> list[TrainingResult]:
    """Train networks of one kind in place."""
    rng = np.random.default_rng(budget.seed)
    optimizer = torch.optim.Adam([p for m in models for p in m.parameters()], lr=budget.rate)
    left = list(range(len(models)))
    found: dict[int, TrainingResult] = {}
    for i in range(1, budget.iterations + 1):
        losses = _iteration([models[k] for k in left], optimizer, batch(models[0], budget, rng))
        if i % LOOK == 0:
            done = {k for k in left if plays_cycles(models[k], budget.cycles)}
            found |= {k: TrainingResult(i, losses[left.index(k)], converged=True) for k in done}
            left = [k for k in left if k not in done]
            optimizer.zero_grad()
            if not left:
                break
    else:
        found |= {k: TrainingResult(i, losses[j], converged=False) for j, k in enumerate(left)}
    return [found[k] for k in range(len(models))]


def batch(model: Network, budget: Budget, rng: np.random.Generator) -> Tensor:
    """Return the songs of one iteration, one after the other: [T, B, notes]."""
    if model.notes == CHORD_NOTES:
        return torch.from_numpy(np.tile(song.chords(), (CHORUSES, 1)))[:, None]
    drawn = rng.integers(2, size=(CHORUSES, budget.rows, song.BARS))
    return torch.from_numpy(np.concatenate([song.songs(choices) for choices in drawn]))


def _iteration(
    models: Sequence[Network], optimizer: torch.optim.Optimizer, steps: Tensor
) -> list[float]:
    """Take a step of the optimizer and return the loss of each network before it."""
    optimizer.zero_grad()
    losses = [
        F.binary_cross_entropy_with_logits(logits, steps[1:], reduction="none").sum(-1).mean()
        for logits in side_by_side(models, steps[:-1])
    ]
    torch.stack(losses).sum().backward()
    for model in models:
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    return [loss.item() for loss in losses]


def side_by_side(models: Sequence[Network], x: Tensor) -> list[Tensor]:
    """Return logits [T, B, notes] of each of several networks for steps `x` [T, B, notes].

    Their recurrent layers are run as one, whose recurrent weights are block-diagonal.
    """
    first, hidden = models[0], models[0].hidden
    gates = 4 if first.lstm else 1
    weights = [m.memory() for m in models]
    # Weights [G, H, notes], [G, H, H] and biases [G, H] of each network.
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
    inputs = [torch.cat([part, x], -1) for part in output.split(hidden, -1)]  # [T, B, H + notes]
    return [F.linear(h, *m.outputs()) for h, m in zip(inputs, models, strict=True)]


def plays_cycles(model: Network, cycles: int) -> bool:
    """Return True if the network plays so many choruses of correct chords from the first step.

    The melody must stay within its scale.
    """
    first = song.songs(np.zeros((1, song.BARS), np.int64))[:1, 0, : model.notes]
    for tried in sorted({1, min(10, cycles), cycles}):  # Most failures are in the first chorus.
        played = Player(model).play(first, tried, np.random.default_rng(0))
        if not (right(played, song.chords()) == 1).all() or played.strays > STRAY:
            return False
    return True
