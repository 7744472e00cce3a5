"""Minimal gated recurrent unit (Feng et al. 2024): gates that look at the input alone.

    z = sigmoid(W_z u),  g = W_h u,  h <- (1 - z) h + z g

so every product of a segment is one large one, and only the last line runs event by event. As in
that paper's language models a layer stands in a residual block and is followed by a gated
feed-forward layer (Shazeer 2020), each behind a root mean square norm.

Conventions: those of `cell`; the state holds h of every block, W = H blocks.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.cell import Cell, Dropout, keep_mask


class Norm(nn.Module):
    """Root mean square norm (Zhang & Sennrich 2019).

    Written out, and with a division, as it is one node of ONNX Runtime only in this form.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))

    def forward(self, x: Tensor) -> Tensor:
        return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class Block(nn.Module):
    """One minGRU layer and the feed-forward layer that follows it."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(Norm(hidden) for _ in range(2))
        self.gates = nn.Linear(hidden, 2 * hidden)
        self.rise = nn.Linear(hidden, 2 * hidden)
        self.fall = nn.Linear(hidden, hidden)

    def proposed(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is kept of h, and what is added to it, both [..., H]."""
        update, candidate = self.gates(self.norms[0](x)).chunk(2, dim=-1)
        return torch.sigmoid(-update), torch.sigmoid(update) * candidate

    def fed(self, x: Tensor) -> Tensor:
        """`x` [..., H] and what the feed-forward layer adds to it."""
        gate, value = self.rise(self.norms[1](x)).chunk(2, dim=-1)
        return x + self.fall(F.silu(gate) * value)


class MinGRU(Cell):
    """`depth` blocks on top of a linear input layer."""

    def __init__(self, inputs: int, hidden: int, depth: int) -> None:
        super().__init__(hidden, width=hidden * depth)
        self.inputs = nn.Linear(inputs, hidden)
        self.blocks = nn.ModuleList(Block(hidden) for _ in range(depth))
        self.norm = Norm(hidden)
        with torch.no_grad():
            for block in self.blocks:
                # Units that forget at different speeds, from a few events to a few hundred.
                block.gates.bias[:hidden] = -torch.linspace(0.5, 5.5, hidden)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        x, after = self.inputs(x), []
        for block, h in zip(self.blocks, state.chunk(len(self.blocks), dim=-1), strict=True):
            kept, added = block.proposed(x)
            after.append(kept * h + added)
            x = block.fed(x + after[-1])
        return self.norm(x), torch.cat(after, dim=-1)

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        x, after = self.inputs(x * keep_mask(x[0], dropout[0])), []
        for block, h in zip(self.blocks, state.chunk(len(self.blocks), dim=-1), strict=True):
            kept, added = block.proposed(x * keep_mask(x[0], dropout[1]))
            kept, added = torch.where(mask[..., None], kept, 1.0), added * mask[..., None]
            states = scan(kept, added, h)
            after.append(states[-1])
            x = block.fed(x + states * keep_mask(h, dropout[1]))
        return self.norm(x), torch.cat(after, dim=-1)


def scan(kept: Tensor, added: Tensor, h: Tensor) -> Tensor:
    """[T, B, H] of h <- kept h + added."""
    states = []
    for k, a in zip(kept, added, strict=True):
        h = torch.addcmul(a, k, h)
        states.append(h)
    return torch.stack(states)
