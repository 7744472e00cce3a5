"""Long short-term memory (Hochreiter & Schmidhuber 1997; with a forget gate, Gers et al. 2000).

    [i; f; g; o] = W [x_t; h_(t-1)] + b
    c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(c_t)

Conventions: those of `cell`; the state holds h and c of every layer, W = 2 H layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.cells.cell import Cell, Dropout, dropout_mask


class LSTM(Cell):
    """A stack of `depth` layers, each reading the output of the one below.

    Input and recurrent weights of a layer are one matrix: a step costs one product a layer, also in
    a quantized graph.
    """

    def __init__(self, inputs: int, hidden: int, depth: int) -> None:
        super().__init__(hidden, width=2 * hidden * depth)
        widths = [inputs] + [hidden] * (depth - 1)
        layers = [nn.Linear(w + hidden, 4 * hidden) for w in widths]
        self.layers = cast("Sequence[nn.Linear]", nn.ModuleList(layers))
        with torch.no_grad():
            for layer in layers:
                layer.bias.zero_()
                # An open forget gate at the start (Jozefowicz et al. 2015).
                layer.bias[hidden : 2 * hidden] = 1.0

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        parts = state.chunk(2 * len(self.layers), dim=-1)  # h and c [B, H] of each layer
        after: list[Tensor] = []
        for layer, h, c in zip(self.layers, parts[::2], parts[1::2], strict=True):
            gates = layer(torch.cat([x, h], dim=-1))  # [B, 4 H]
            x, c = _cell(gates, c)  # noqa: PLW2901 - the layer's own c, both [B, H]
            after += [x, c]
        return x, torch.cat(after, dim=-1)  # [B, H], [B, W]

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        parts = state.chunk(2 * len(self.layers), dim=-1)  # h and c [B, H] of each layer
        after: list[Tensor] = []
        x = x * dropout_mask(x[0], dropout[0])  # [T, B, E]
        for i, (layer, h, c) in enumerate(zip(self.layers, parts[::2], parts[1::2], strict=True)):
            if i > 0:
                x = x * dropout_mask(x[0], dropout[1])  # [T, B, H]
            x, *ends = self._layer(layer, x, (h, c), mask, dropout_mask(h, dropout[1]))
            after += ends
        return x, torch.cat(after, dim=-1)  # [T, B, H], [B, W]

    @staticmethod
    def _layer(
        layer: nn.Linear, x: Tensor, state: tuple[Tensor, Tensor], mask: Tensor, drop: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs [T, B, H] of one layer, and its last h and c [B, H].

        `drop` [B, H] is the dropout mask of h, the same at every step.
        """
        h, c = state
        # Weights [4 H, E] and [4 H, H].
        from_input, recurrent = layer.weight.split([x.shape[-1], h.shape[-1]], dim=1)
        projected = F.linear(x, from_input, layer.bias)  # [T, B, 4 H]
        outputs = []
        for p, m in zip(projected, mask[..., None], strict=True):  # [B, 4 H], bool [B, 1]
            next_h, next_c = _cell(p + F.linear(h * drop, recurrent), c)  # [B, H] each
            h, c = torch.where(m, next_h, h), torch.where(m, next_c, c)
            outputs.append(h)
        return torch.stack(outputs), h, c


def _cell(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Return h and c [B, H] after a step, from the pre-activations `gates` [B, 4 H]."""
    i, f, g, o = gates.chunk(4, dim=-1)  # [B, H] each
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c
