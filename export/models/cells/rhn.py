"""Recurrent highway network (Zilly et al. 2017): several gated layers within one time step.

Equations 6-8 of that paper, for micro-layers l = 1 .. L of step t, with the carry gate coupled to
the transform gate (c = 1 - t):

    h_l = tanh([l = 1] W_h x_t + R_h,l s_(l-1) + b_h,l)
    t_l = sigmoid([l = 1] W_t x_t + R_t,l s_(l-1) + b_t,l)
    s_l = h_l * t_l + s_(l-1) * (1 - t_l)

s_0 is s_L of the step before. Conventions: those of `cell`; the state is the output, W = H.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from export.models.cells.cell import Cell, Dropout, dropout_mask


class RHN(Cell):
    """A recurrent layer of `depth` micro-layers."""

    def __init__(self, inputs: int, hidden: int, depth: int, carry_bias: float = -2.0) -> None:
        super().__init__(hidden, width=hidden)
        self.inputs = nn.Linear(inputs, 2 * hidden)
        layers = [nn.Linear(hidden, 2 * hidden) for _ in range(depth)]
        self.layers = cast("Sequence[nn.Linear]", nn.ModuleList(layers))
        with torch.no_grad():
            for layer in layers:
                layer.bias.zero_()
                # A closed transform gate at the start lets the state pass through unchanged.
                layer.bias[hidden:] = carry_bias

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        state = self.transition(self.inputs(x), state)  # [B, H]
        return state, state

    def transition(self, projected: Tensor, state: Tensor, drop: Tensor | None = None) -> Tensor:
        """Return the next state [B, H] from `projected` = `self.inputs(x)` [B, 2 H] and `state`.

        `drop` [B, H] is a variational dropout mask, the same at every step and micro-layer.
        """
        for depth, layer in enumerate(self.layers):
            gates = layer(state if drop is None else state * drop)  # [B, 2 H]
            if depth == 0:
                gates = gates + projected
            candidate, transform = gates.chunk(2, dim=-1)  # [B, H] each
            # lerp(s, h, t) = s + t * (h - s) = h * t + s * (1 - t)
            state = torch.lerp(state, torch.tanh(candidate), torch.sigmoid(transform))
        return state

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        x = x * dropout_mask(x[0], dropout[0])  # [T, B, E]
        drop = dropout_mask(state, dropout[1]) if dropout[1] > 0 else None  # [B, H]
        projected = self.inputs(x)  # [T, B, 2 H]
        states = []
        for p, m in zip(projected, mask[..., None], strict=True):  # [B, 2 H], bool [B, 1]
            state = torch.where(m, self.transition(p, state, drop), state)  # [B, H]
            states.append(state)
        return torch.stack(states), state  # [T, B, H], [B, H]
