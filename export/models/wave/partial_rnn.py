"""The project's model of sound: a GRU over levels of partials and noise draws the next frame.

    h_t = GRU([x_t; style], h_(t-1)),   k ~ softmax(V h_t)
    m_t = sum_d softmax(R h_t)_d x_(t-d) + A h_t + b
    p(x_(t+1)) = sum_k softmax(V h_t)_k N(x_(t+1); m_t + E_k, diag(s^2))

The next frame's levels are a mixture of Gaussians around K points: one choice k decides how all
partials move together, so that a note starts in all of them at once. Much of music recurs a moment
later: the starting point is a mean of the last D frames, weighted anew at each. Levels are clamped
to [0, 1], so that the feedback stays bounded.
Conventions: T frames, B rows, F levels, S styles, K choices, D delays, W state width; float32.
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
    """Sizes of the network, and of the grid that it is trained on."""

    features: int
    """F: levels of a frame."""
    styles: tuple[str, ...]
    """Names of the S styles."""
    hidden: int = 192
    choices: int = 256
    """K: points of the mixture."""
    rate: int = 11_025
    hop: int = 512
    delays: int = 12
    """D: frames that may recur, 0.56 s."""


class PartialRNN(nn.Module):
    """A distribution over the next frame's levels, given the frames before."""

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
            # At first the last frame has the largest weight.
            self.recall.bias.zero_()
            self.recall.bias[-2:] = torch.tensor([2.0, 0.0])

    @property
    def width(self) -> int:
        """W: width of the state, which is h and the last D frames."""
        return self.cell.width + self.config.delays * self.config.features

    def initial(self, rows: int) -> Tensor:
        """Return the state before the first frame: zeros [B, W]."""
        return self.log_deviation.new_zeros(rows, self.width)

    def states(self, given: Tensor, style: Tensor, state: Tensor) -> Tensor:
        """Return the state [T, B, W] after each of the frames `given` [T, B, F]; `style` [B, S]."""
        steps, rows, size = given.shape
        hidden, past = self._split(state)  # [B, H], [B, D F]
        x = torch.cat([given, style.expand(steps, -1, -1)], dim=-1)  # [T, B, F + S]
        h, _ = self.cell(x, hidden)  # [T, B, H]
        before = past.reshape(rows, self.config.delays, size).transpose(0, 1)  # [D, B, F]
        frames = torch.cat([before, given]).unfold(0, self.config.delays, 1)[1:]  # [T, B, F, D]
        return torch.cat([h, frames.transpose(-1, -2).reshape(steps, rows, -1)], dim=-1)

    def forward(self, given: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, ...]:
        """Return centers [T, B, F], logits [T, B, K] and the last state [B, W].

        They follow the frames `given` [T, B, F] under `style` [B, S], from `state` [B, W].
        """
        states = self.states(given, style, state)  # [T, B, W]
        return *self._next(states), states[-1]  # [T, B, F], [T, B, K], [B, W]

    def step(self, x: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return center [B, F] and logits [B, K] of the next frame, and the next state [B, W]."""
        hidden, past = self._split(state)  # [B, H], [B, D F]
        h, _ = self.cell.step(torch.cat([x, style], dim=-1), hidden)  # [B, H]
        state = torch.cat([h, past[:, x.shape[-1] :], x], dim=-1)  # [B, W]
        return *self._next(state), state

    def _split(self, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return h [..., H] and the past frames [..., D F] of states [..., W]."""
        return state.split([self.cell.width, state.shape[-1] - self.cell.width], dim=-1)

    def _next(self, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return centers [..., F] and logits [..., K] from states [..., W]."""
        h, past = self._split(state)  # [..., H], [..., D F]
        frames = past.reshape(*past.shape[:-1], self.config.delays, self.config.features)
        # The last of the D + 1 shares stands for no frame. [..., D]
        shares = torch.softmax(self.recall(h), dim=-1)[..., :-1]
        return (shares[..., None] * frames).sum(dim=-2) + self.moved(h), self.choice(h)

    def log_likelihood(self, center: Tensor, logits: Tensor, x: Tensor) -> Tensor:
        """Return ln p(x) [T, B] of the frames `x` [T, B, F], given the results of `forward`.

        ln p(x) = ln sum_k softmax(logits)_k exp(-|(x - m - E_k) / s|^2 / 2) - sum_f ln s_f
        - F/2 ln 2 pi.
        """
        deviation = self.log_deviation.exp()  # [F]
        left = (x - center) / deviation  # [T, B, F]
        changes = self.changes / deviation  # [K, F]
        # Squared distance to each of the K points, by |a - b|^2 = a^2 - 2 ab + b^2. [T, B, K]
        distance = (
            left.square().sum(-1, keepdim=True) - 2 * left @ changes.T + changes.square().sum(-1)
        )
        constant = self.log_deviation.sum() + 0.5 * left.shape[-1] * math.log(2 * math.pi)  # []
        mixed = torch.logsumexp(F.log_softmax(logits, dim=-1) - 0.5 * distance, dim=-1)  # [T, B]
        return mixed - constant

    def drawn(self, center: Tensor, logits: Tensor, temperature: Tensor, noise: Tensor) -> Tensor:
        """Return the next frame [B, F]: a choice by uniform `noise` [B, 1] at `temperature` []."""
        shares = torch.cumsum(torch.softmax(logits / temperature, dim=-1), dim=-1)  # [B, K]
        index = (shares[..., :-1] < noise * shares[..., -1:]).to(torch.int64).sum(dim=-1)  # [B]
        return torch.clamp(center + self.changes[index], 0.0, 1.0)
