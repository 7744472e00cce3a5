"""The contract of a decoder's recurrent cell: `initial`, `step` and `forward`.

Conventions: T steps, B rows, E input width, W state width, H output width; float32. The whole state
of a cell is one row of W numbers: it is carried, stored and exported as one tensor.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

Dropout = tuple[float, float]
"""Rates of variational dropout (Gal & Ghahramani 2016): one for the input, one for the state."""


class Cell(nn.Module):
    """Base of RHN, LSTM and MinGRU."""

    def __init__(self, hidden: int, width: int) -> None:
        super().__init__()
        self.hidden = hidden
        """H: width of the output."""
        self.width = width
        """W: width of the state."""

    def initial(self, rows: int) -> Tensor:
        """Return the state before the first event: zeros [rows, W]."""
        return next(self.parameters()).new_zeros(rows, self.width)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output [B, H] and the next state [B, W] from `x` [B, E] and `state` [B, W].

        This is the form that is exported.
        """
        raise NotImplementedError

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        """Return the outputs [T, B, H] and the last state [B, W] of a padded batch.

        `x` [T, B, E], `state` [B, W], `mask` bool [T, B]: a row's state stays the same where it is
        False. This is the form that is trained.
        """
        raise NotImplementedError


def dropout_mask(like: Tensor, rate: float) -> Tensor:
    """Return a dropout mask of the shape of `like`: 0 with probability `rate`, else 1/(1 - rate).

    A variational mask (Gal & Ghahramani 2016) is drawn once for a segment and used at every step.
    """
    if rate == 0.0:
        return torch.ones_like(like)
    return torch.empty_like(like).bernoulli_(1 - rate).div_(1 - rate)
