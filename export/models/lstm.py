"""Long short-term memory (Hochreiter & Schmidhuber 1997; with a forget gate, Gers et al. 2000).

    i, f, g, o = W [x; h] + b
    c <- sigmoid(f) c + sigmoid(i) tanh(g),  h <- sigmoid(o) tanh(c)

Conventions: those of `cell`; the state holds h and c of every layer, W = 2 H layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.cell import Cell, Dropout, keep_mask


class LSTM(Cell):
    """`depth` layers, each reading the output of the one below.

    Input and recurrent weights of a layer are one matrix: a step is one product a layer, and one
    product is what a quantised graph has to pay for.
    """

    def __init__(self, inputs: int, hidden: int, depth: int) -> None:
        super().__init__(hidden, width=2 * hidden * depth)
        widths = [inputs] + [hidden] * (depth - 1)
        self.layers = nn.ModuleList(nn.Linear(w + hidden, 4 * hidden) for w in widths)
        with torch.no_grad():
            for layer in self.layers:
                layer.bias.zero_()
                # An open forget gate at the start (Jozefowicz et al. 2015).
                layer.bias[hidden : 2 * hidden] = 1.0

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        parts = state.chunk(2 * len(self.layers), dim=-1)
        after: list[Tensor] = []
        for layer, h, c in zip(self.layers, parts[::2], parts[1::2], strict=True):
            x, c = _cell(layer(torch.cat([x, h], dim=-1)), c)  # noqa: PLW2901 - the layer's own c
            after += [x, c]
        return x, torch.cat(after, dim=-1)

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        parts = state.chunk(2 * len(self.layers), dim=-1)
        after: list[Tensor] = []
        x = x * keep_mask(x[0], dropout[0])
        for i, (layer, h, c) in enumerate(zip(self.layers, parts[::2], parts[1::2], strict=True)):
            if i > 0:
                x = x * keep_mask(x[0], dropout[1])
            x, *ends = self._layer(layer, x, (h, c), mask, keep_mask(h, dropout[1]))
            after += ends
        return x, torch.cat(after, dim=-1)

    @staticmethod
    def _layer(
        layer: nn.Linear, x: Tensor, state: tuple[Tensor, Tensor], mask: Tensor, keep: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs [T, B, H] of one layer, and its last h and c [B, H]."""
        h, c = state
        from_input, recurrent = layer.weight.split([x.shape[-1], h.shape[-1]], dim=1)
        projected = F.linear(x, from_input, layer.bias)
        outputs = []
        for p, m in zip(projected, mask[..., None], strict=True):
            next_h, next_c = _cell(p + F.linear(h * keep, recurrent), c)
            h, c = torch.where(m, next_h, h), torch.where(m, next_c, c)
            outputs.append(h)
        return torch.stack(outputs), h, c


def _cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = gates.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
