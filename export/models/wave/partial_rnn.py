"""Our model of sound: a GRU over levels of partials and noise draws how the next frame differs.

    h' = GRU([x; style], h),  k ~ softmax(V h'),  x' = a x + b + A h' + E_k

The next frame's levels are a mixture of Gaussians around K such points: one choice decides how all
partials move together, so that a note is struck as a whole, and what is drawn stays on the ground
of real sound. Levels are bounded: nothing can run away.
Conventions: T frames, B rows, F levels, S styles, K choices, W = H state width; float32.
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


class PartialRNN(nn.Module):
    """One frame after the other."""

    def __init__(self, config: PartialConfig) -> None:
        super().__init__()
        self.config = config
        size, hidden = config.features, config.hidden
        self.cell = GRU(size + len(config.styles), hidden)
        self.choice = nn.Linear(hidden, config.choices)
        self.moved = nn.Linear(hidden, size)
        self.kept = nn.Parameter(torch.full((size,), 0.8))
        self.changes = nn.Parameter(0.03 * torch.randn(config.choices, size))
        self.log_deviation = nn.Parameter(torch.full((size,), math.log(0.1)))

    def initial(self, rows: int) -> Tensor:
        """State before the first frame: zeros [B, W]."""
        return self.kept.new_zeros(rows, self.cell.width)

    def forward(self, heard: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        """Centres [T, B, F], logits [T, B, K] and the last state [B, W] after some frames.

        `heard` [T, B, F], `style` [B, S].
        """
        given = torch.cat([heard, style.expand(len(heard), -1, -1)], dim=-1)
        h, state = self.cell(given, state)
        return self._centre(h, heard), self.choice(h), state

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

    def _centre(self, h: Tensor, x: Tensor) -> Tensor:
        return self.kept * x + self.moved(h)

    def step(self, x: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Centre [B, F] and logits [B, K] of the next frame, and the next state [B, W]."""
        h, state = self.cell.step(torch.cat([x, style], dim=-1), state)
        return self._centre(h, x), self.choice(h), state

    def drawn(self, centre: Tensor, logits: Tensor, temperature: Tensor, noise: Tensor) -> Tensor:
        """The next frame [B, F]: one choice by uniform `noise` [B, 1] at `temperature` []."""
        shares = torch.cumsum(torch.softmax(logits / temperature, dim=-1), dim=-1)
        index = (shares[..., :-1] < noise * shares[..., -1:]).to(torch.int64).sum(dim=-1)
        return torch.clamp(centre + self.changes[index], 0.0, 1.0)

    def expected(self, centre: Tensor, logits: Tensor) -> Tensor:
        """The mean [B, F] of the next frame: what is expected of it, and never drawn."""
        mean = centre + torch.softmax(logits, dim=-1) @ self.changes
        return torch.clamp(mean, 0.0, 1.0)
