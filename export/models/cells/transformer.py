"""A small Transformer (Vaswani et al. 2017): the baseline that the recurrent cells are measured by.

    q, k, v = W norm(x);  a_ti = softmax_i(q_t k_i / sqrt(d) - m_h (t - i)),  i in (t - N, t]
    x = x + W_o sum_i a_ti v_i,  x = x + W_2 (silu(W_a norm(x)) * W_b norm(x))

with linear biases m_h = 2^(-8 h / heads) by distance in place of positions (Press et al. 2022), and
the norms and feed-forward layers of `mingru`. Each row of a batch is a whole tune from its begin:
nothing is carried from segment to segment, so train it on segments as long as the tunes.

Conventions: those of `cell`; N events of context. The state of a step holds keys and values of the
last N events of every block, the latest first, and the number of events stored: W = 2 N H blocks +
1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.cells.cell import Cell, Dropout, dropout_mask
from export.models.cells.mingru import Norm

CONTEXT = 512
"""Events of context."""
HEADS = 4


class Attention(nn.Module):
    """Self-attention over the events before, and the feed-forward layer that follows it."""

    slopes: Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        norms = nn.ModuleList(Norm(hidden) for _ in range(2))
        self.norms = cast("Sequence[Norm]", norms)
        self.project = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.rise = nn.Linear(hidden, 2 * hidden)
        self.fall = nn.Linear(hidden, hidden)
        slopes = 2.0 ** (-8.0 * torch.arange(1, HEADS + 1) / HEADS)
        self.register_buffer("slopes", slopes)

    def attended(self, query: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """Return the attention's output [B, T, H].

        `query` [B, T, H], `keys` and `values` [B, S, H], `bias` [heads, T, S], minus infinity where
        an event is not seen.
        """
        q, k, v = (
            part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in (query, keys, values)
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias  # [B, heads, T, S]
        mixed = torch.softmax(scores, -1) @ v  # [B, heads, T, d]
        return self.out(mixed.transpose(1, 2).flatten(-2))  # [B, T, H]

    def feed_forward(self, x: Tensor) -> Tensor:
        """Return `x` [..., H] plus the output of the feed-forward layer."""
        gate, value = self.rise(self.norms[1](x)).chunk(2, dim=-1)  # [..., H] each
        return x + self.fall(F.silu(gate) * value)  # [..., H]


class Transformer(Cell):
    """A stack of `depth` blocks on top of a linear input layer."""

    def __init__(self, inputs: int, hidden: int, depth: int) -> None:
        super().__init__(hidden, width=2 * CONTEXT * hidden * depth + 1)
        self.inputs = nn.Linear(inputs, hidden)
        blocks = [Attention(hidden) for _ in range(depth)]
        self.blocks = cast("Sequence[Attention]", nn.ModuleList(blocks))
        self.norm = Norm(hidden)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        x = self.inputs(x)  # [B, H]
        stored, count = state[:, :-1].unflatten(-1, (-1, 2, CONTEXT, self.hidden)), state[:, -1:]
        ages = torch.arange(CONTEXT, device=x.device)
        seen = torch.where(ages[None] <= count.clamp(min=0), 0.0, -math.inf)  # [B, N]
        after = []
        for block, past in zip(self.blocks, stored.unbind(1), strict=True):
            query, key, value = block.project(block.norms[0](x)).chunk(3, dim=-1)  # [B, H] each
            new = torch.stack([key, value], 1)[:, :, None]  # [B, 2, 1, H]
            past = torch.cat([new, past[:, :, :-1]], 2)  # noqa: PLW2901 - [B, 2, N, H]
            bias = seen[:, None, None] - block.slopes[:, None, None] * ages  # [B, heads, 1, N]
            found = block.attended(query[:, None], past[:, 0], past[:, 1], bias)[:, 0]  # [B, H]
            x = block.feed_forward(x + found)  # [B, H]
            after.append(past)
        rows = torch.stack(after, 1).flatten(1)  # [B, 2 N H blocks]
        return self.norm(x), torch.cat([rows, (count + 1).clamp(max=CONTEXT - 1)], -1)

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        del mask  # Padding follows the events of a row, which do not see it.
        x = self.inputs(x * dropout_mask(x[0], dropout[0])).transpose(0, 1)  # [B, T, H]
        distance = torch.arange(x.shape[1], device=x.device)
        distance = distance[:, None] - distance  # int64 [T, T]
        unseen = (distance < 0) | (distance >= CONTEXT)
        for block in self.blocks:
            query, key, value = block.project(block.norms[0](x)).chunk(3, dim=-1)  # [B, T, H] each
            bias = -block.slopes[:, None, None] * distance  # [heads, T, T]
            bias = bias.masked_fill(unseen, -math.inf)
            found = block.attended(query, key, value, bias)  # [B, T, H]
            x = block.feed_forward(x + found * dropout_mask(x[:, :1], dropout[1]))  # [B, T, H]
        return self.norm(x).transpose(0, 1), state  # [T, B, H], [B, W]
