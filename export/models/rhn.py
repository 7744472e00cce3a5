"""Recurrent highway network (Zilly et al. 2017): several gated layers within one time step.

Equations 6-8 of that paper with the carry gate coupled to the transform gate (c = 1 - t):

    h = tanh([l = 1] W_h x + R_h s + b_h),  t = sigmoid([l = 1] W_t x + R_t s + b_t)
    s <- h * t + s * (1 - t)

Conventions: those of `cell`; the state is the output, W = H.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.cell import Cell, Dropout, keep_mask


class RHN(Cell):
    """One recurrent layer of `depth` micro-layers."""

    def __init__(self, inputs: int, hidden: int, depth: int, carry_bias: float = -2.0) -> None:
        super().__init__(hidden, width=hidden)
        self.inputs = nn.Linear(inputs, 2 * hidden)
        self.layers = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in range(depth))
        with torch.no_grad():
            for layer in self.layers:
                layer.bias.zero_()
                # A closed transform gate at the start lets the state pass through unchanged.
                layer.bias[hidden:] = carry_bias

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        state = self.transition(self.inputs(x), state)
        return state, state

    def transition(self, projected: Tensor, state: Tensor, keep: Tensor | None = None) -> Tensor:
        """Next state [B, H] from `projected` = `self.inputs(x)` [B, 2H] and the state [B, H].

        `keep` [B, H] is a variational dropout mask, the same at every step and micro-layer.
        """
        for depth, layer in enumerate(self.layers):
            gates = layer(state if keep is None else state * keep)
            if depth == 0:
                gates = gates + projected
            candidate, transform = gates.chunk(2, dim=-1)
            state = torch.lerp(state, torch.tanh(candidate), torch.sigmoid(transform))
        return state

    def forward(
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: Dropout = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        x = x * keep_mask(x[0], dropout[0])
        keep = keep_mask(state, dropout[1]) if dropout[1] > 0 else None
        projected = self.inputs(x)
        states = []
        for p, m in zip(projected, mask[..., None], strict=True):
            state = torch.where(m, self.transition(p, state, keep), state)
            states.append(state)
        return torch.stack(states), state
