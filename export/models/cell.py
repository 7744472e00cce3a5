"""What a decoder's recurrent cell gives, so that one contract serves them all.

Conventions: T steps, B rows, E input width, W state width, H output width; float32. Whatever a cell
remembers is one row of W numbers: it is carried, kept and exported as one tensor.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

Dropout = tuple[float, float]
"""Rates of variational dropout (Gal & Ghahramani 2016): of the input, and of the state."""


class Cell(nn.Module):
    """Base of RHN, LSTM and MinGRU."""

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.hidden = hidden
        """H"""
        self.width = width
        """W"""

    def initial(self, rows: int) -> Tensor:
        """State before the first event: zeros [rows, W]."""
        return next(self.parameters()).new_zeros(rows, self.width)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Output [B, H] and next state [B, W] from `x` [B, E] and the state: what is exported."""
        raise NotImplementedError

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        """Outputs [T, B, H] and the last state [B, W] of a padded batch: what is trained.

        `x` [T, B, E], `state` [B, W], `mask` bool [T, B]: a row's state rests where it is False.
        """
        raise NotImplementedError


def keep_mask(like: Tensor, rate: float) -> Tensor:
    """Dropout mask of the shape of `like`: 0 at `rate`, else 1 / (1 - rate)."""
    if rate == 0.0:
        return torch.ones_like(like)
    return torch.empty_like(like).bernoulli_(1 - rate).div_(1 - rate)
