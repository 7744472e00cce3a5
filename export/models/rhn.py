"""Recurrent highway network (Zilly et al. 2017): several gated layers within one time step.

Equations 6-8 of that paper with the carry gate coupled to the transform gate (c = 1 - t):

    h = tanh([l = 1] W_h x + R_h s + b_h),  t = sigmoid([l = 1] W_t x + R_t s + b_t)
    s <- h * t + s * (1 - t)

Conventions: T steps, B rows, E input width, H state width; float32 unless said otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RHN(nn.Module):
    """One recurrent layer of `depth` micro-layers."""

    def __init__(self, inputs: int, hidden: int, depth: int, carry_bias: float = -2.0) -> None:
        super().__init__()
        self.hidden = hidden
        self.inputs = nn.Linear(inputs, 2 * hidden)
        self.layers = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in range(depth))
        with torch.no_grad():
            for layer in self.layers:
                layer.bias.zero_()
                # A closed transform gate at the start lets the state pass through unchanged.
                layer.bias[hidden:] = carry_bias

    def initial(self, rows: int) -> Tensor:
        """State before the first event: zeros [rows, H]."""
        return self.inputs.weight.new_zeros(rows, self.hidden)

    def step(self, projected: Tensor, state: Tensor, keep: Tensor | None = None) -> Tensor:
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
        self, x: Tensor, state: Tensor, mask: Tensor, dropout: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[Tensor, Tensor]:
        """States [T, B, H] and the last state [B, H] of a padded batch.

        `x` [T, B, E], `state` [B, H], `mask` bool [T, B]: a row's state rests where it is False.
        `dropout`: variational dropout (Gal & Ghahramani 2016) of the input and of the state.
        """
        x = x * self._keep(x[0], dropout[0])
        keep = self._keep(state, dropout[1]) if dropout[1] > 0 else None
        projected = self.inputs(x)
        states = []
        for p, m in zip(projected, mask[..., None], strict=True):
            state = torch.where(m, self.step(p, state, keep), state)
            states.append(state)
        return torch.stack(states), state

    @staticmethod
    def _keep(like: Tensor, rate: float) -> Tensor:
        if rate == 0.0:
            return torch.ones_like(like)
        return torch.empty_like(like).bernoulli_(1 - rate).div_(1 - rate)
