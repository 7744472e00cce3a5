"""Our model of sound: a GRU over levels of partials and noise draws how the next frame differs.

    h' = GRU([x; style], h),   k ~ softmax(V h')
    x' = sum_d softmax(R h')_d x_(t-d) + A h' + b + E_k

The next frame's levels are a mixture of Gaussians around K such points: one choice decides how all
partials move together, so that a note is struck as a whole, and what is drawn stays on the ground
of real sound. Much of music comes again a moment later: a mean of the last D frames, weighted anew
at each, is where the next begins. Levels are bounded: nothing can run away.
Conventions: T frames, B rows, F levels, S styles, K choices, W state width; float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.wave.cells import GRU


@dataclass(frozen=True, slots=True)
class PartialConfig:
    """Sizes of the network, and of the grid that it was made for."""

    features: int
    """F"""
    styles: tuple[str, ...]
    """S of them."""
    hidden: int = 192
    choices: int = 256
    """K"""
    rate: int = 11_025
    hop: int = 512
    delays: int = 12
    """D: frames that may come again, 0.56 s."""


class PartialRNN(nn.Module):
    """One frame after the other."""

    def __init__(self, config: PartialConfig) -> None:
        super().__init__()
        self.config = config
        size, hidden = config.features, config.hidden
        self.cell = GRU(size + len(config.styles), hidden)
        self.choice = nn.Linear(hidden, config.choices)
        self.moved = nn.Linear(hidden, size)
        self.recall = nn.Linear(hidden, config.delays + 1)
        self.changes = nn.Parameter(0.03 * torch.randn(config.choices, size))
        self.log_deviation = nn.Parameter(torch.full((size,), math.log(0.1)))
        with torch.no_grad():
            # At first the last frame is what comes again.
            self.recall.bias.zero_()
            self.recall.bias[-2:] = torch.tensor([2.0, 0.0])

    @property
    def width(self) -> int:
        """W."""
        return self.cell.width + self.config.delays * self.config.features

    def initial(self, rows: int) -> Tensor:
        """State before the first frame: zeros [B, W]."""
        return self.log_deviation.new_zeros(rows, self.width)

    def states(self, heard: Tensor, style: Tensor, state: Tensor) -> Tensor:
        """The state [T, B, W] after each of the frames `heard` [T, B, F]; `style` [B, S]."""
        steps, rows, size = heard.shape
        hidden, past = state.split([self.cell.width, state.shape[-1] - self.cell.width], dim=-1)
        given = torch.cat([heard, style.expand(steps, -1, -1)], dim=-1)
        h, _ = self.cell(given, hidden)
        before = past.reshape(rows, self.config.delays, size).transpose(0, 1)
        frames = torch.cat([before, heard]).unfold(0, self.config.delays, 1)[1:]
        return torch.cat([h, frames.transpose(-1, -2).reshape(steps, rows, -1)], dim=-1)

    def forward(self, heard: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        """Centres [T, B, F], logits [T, B, K] and the last state [B, W] after some frames.

        `heard` [T, B, F], `style` [B, S].
        """
        states = self.states(heard, style, state)
        return *self._next(states), states[-1]

    def step(self, x: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Centre [B, F] and logits [B, K] of the next frame, and the next state [B, W]."""
        hidden, past = state.split([self.cell.width, state.shape[-1] - self.cell.width], dim=-1)
        h, _ = self.cell.step(torch.cat([x, style], dim=-1), hidden)
        state = torch.cat([h, past[:, x.shape[-1] :], x], dim=-1)
        return *self._next(state), state

    def _next(self, state: Tensor) -> tuple[Tensor, Tensor]:
        """Centres [..., F] and logits [..., K] from states [..., W]."""
        h, past = state.split([self.cell.width, state.shape[-1] - self.cell.width], dim=-1)
        frames = past.reshape(*past.shape[:-1], self.config.delays, self.config.features)
        # One share is of none of the frames.
        shares = torch.softmax(self.recall(h), dim=-1)[..., :-1]
        return (shares[..., None] * frames).sum(dim=-2) + self.moved(h), self.choice(h)

    def log_likelihood(self, centre: Tensor, logits: Tensor, x: Tensor) -> Tensor:
        """Nats [T, B] of the frames `x` [T, B, F] that came, given what `forward` says of them."""
        deviation = self.log_deviation.exp()
        left = (x - centre) / deviation
        changes = self.changes / deviation
        distance = (
            left.square().sum(-1, keepdim=True) - 2 * left @ changes.T + changes.square().sum(-1)
        )
        constant = self.log_deviation.sum() + 0.5 * left.shape[-1] * math.log(2 * math.pi)
        mixed = torch.logsumexp(F.log_softmax(logits, dim=-1) - 0.5 * distance, dim=-1)
        return mixed - constant

    def drawn(self, centre: Tensor, logits: Tensor, temperature: Tensor, noise: Tensor) -> Tensor:
        """The next frame [B, F]: one choice by uniform `noise` [B, 1] at `temperature` []."""
        shares = torch.cumsum(torch.softmax(logits / temperature, dim=-1), dim=-1)
        index = (shares[..., :-1] < noise * shares[..., -1:]).to(torch.int64).sum(dim=-1)
        return torch.clamp(centre + self.changes[index], 0.0, 1.0)
