"""Minimal gated recurrent unit (Feng et al. 2024, section 3.1): gates of the input alone.

    z_t = sigmoid(W_z u_t + b_z)
    h~_t = W_h u_t + b_h
    h_t = (1 - z_t) * h_(t-1) + z_t * h~_t

Only the last line runs event by event: the products of a whole segment are one large one. As in the
language models of that paper a layer stands in a residual block and is followed by a gated
feed-forward layer (Shazeer 2020), each behind a root mean square norm:

    x = x + h(norm(x)),  x = x + W_2 (silu(W_a norm(x)) * W_b norm(x))

Conventions: those of `cell`; the state holds h of every block, W = H blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.cells.cell import Cell, Dropout, dropout_mask


class Norm(nn.Module):
    """Root mean square norm: y = x / sqrt(mean(x^2) + 1e-6) * w (Zhang & Sennrich 2019).

    ONNX Runtime fuses it into one node only in this form, with a division.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))

    def forward(self, x: Tensor) -> Tensor:
        return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight  # [..., H]


class Block(nn.Module):
    """A minGRU layer and the feed-forward layer that follows it."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        norms = nn.ModuleList(Norm(hidden) for _ in range(2))
        self.norms = cast("Sequence[Norm]", norms)
        self.gates = nn.Linear(hidden, 2 * hidden)
        self.rise = nn.Linear(hidden, 2 * hidden)
        self.fall = nn.Linear(hidden, hidden)

    def coefficients(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the carry 1 - z and the addend z * h~, both [..., H], from `x` [..., H]."""
        update, candidate = self.gates(self.norms[0](x)).chunk(2, dim=-1)  # [..., H] each
        return torch.sigmoid(-update), torch.sigmoid(update) * candidate

    def feed_forward(self, x: Tensor) -> Tensor:
        """Return `x` [..., H] plus the output of the feed-forward layer."""
        gate, value = self.rise(self.norms[1](x)).chunk(2, dim=-1)  # [..., H] each
        return x + self.fall(F.silu(gate) * value)  # [..., H]


class MinGRU(Cell):
    """A stack of `depth` blocks on top of a linear input layer."""

    def __init__(self, inputs: int, hidden: int, depth: int) -> None:
        super().__init__(hidden, width=hidden * depth)
        self.inputs = nn.Linear(inputs, hidden)
        blocks = [Block(hidden) for _ in range(depth)]
        self.blocks = cast("Sequence[Block]", nn.ModuleList(blocks))
        self.norm = Norm(hidden)
        with torch.no_grad():
            for block in blocks:
                # Units forget at different speeds, over a few events to a few hundred.
                block.gates.bias[:hidden] = -torch.linspace(0.5, 5.5, hidden)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        x, after = self.inputs(x), []  # [B, H]
        for block, h in zip(self.blocks, state.chunk(len(self.blocks), dim=-1), strict=True):
            carry, added = block.coefficients(x)  # [B, H] each
            after.append(carry * h + added)
            x = block.feed_forward(x + after[-1])  # [B, H]
        return self.norm(x), torch.cat(after, dim=-1)  # [B, H], [B, W]

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        x, after = self.inputs(x * dropout_mask(x[0], dropout[0])), []  # [T, B, H]
        for block, h in zip(self.blocks, state.chunk(len(self.blocks), dim=-1), strict=True):
            carry, added = block.coefficients(x * dropout_mask(x[0], dropout[1]))  # [T, B, H] each
            # A masked event carries h over: carry 1, addend 0.
            carry, added = torch.where(mask[..., None], carry, 1.0), added * mask[..., None]
            states = scan(carry, added, h)  # [T, B, H]
            after.append(states[-1])  # [B, H]
            x = block.feed_forward(x + states * dropout_mask(h, dropout[1]))  # [T, B, H]
        return self.norm(x), torch.cat(after, dim=-1)  # [T, B, H], [B, W]


def scan(carry: Tensor, added: Tensor, h: Tensor) -> Tensor:
    """Return h_t = carry_t * h_(t-1) + added_t [T, B, H], from h_0 = `h` [B, H]."""
    states = []
    for k, a in zip(carry, added, strict=True):  # [B, H] each
        h = torch.addcmul(a, k, h)
        states.append(h)
    return torch.stack(states)
