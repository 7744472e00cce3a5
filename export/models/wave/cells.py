"""The recurrent cells that the GRUV paper compares (paper 004), with one state tensor each.

Conventions: T steps, B rows, E input width, H units, W state width, G gates; float32. Whole
sequences are run by PyTorch's own kernels where it has them.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

ONE_LAYER = (True, 1, 0.0, True, False, False)
"""Options of `torch.lstm`: biases, layers, dropout, training, both directions, batch first."""


class Cell(nn.Module):
    """Base of the cells: the product with the input is taken for a whole sequence at once."""

    gates: ClassVar[int]
    parts: ClassVar[int]

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.inward = nn.Linear(inputs, self.gates * hidden)
        self.recurrent = nn.Linear(hidden, self.gates * hidden, bias=False)
        nn.init.orthogonal_(self.recurrent.weight)

    @property
    def width(self) -> int:
        """W: width of the state."""
        return self.parts * self.hidden

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output [B, H] and the next state [B, W] from `driven` = W x + b [B, G H]."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the outputs [T, B, H] and the last state [B, W] from `x` [T, B, E]."""
        outputs = []
        for driven in self.inward(x):  # [B, G H]
            output, state = self.after(driven, state)  # [B, H], [B, W]
            outputs.append(output)
        return torch.stack(outputs), state  # [T, B, H], [B, W]

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output [B, H] and the next state [B, W] from one step `x` [B, E]."""
        return self.after(self.inward(x), state)


class LSTM(Cell):
    """LSTM without peepholes, as in the paper's program.

    [i; f; g; o] = W x_t + U h_(t-1) + b
    c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g),  h_t = sigmoid(o) * tanh(c_t)

    (Gers et al. 2000). The state is [h; c], W = 2 H.
    """

    gates, parts = 4, 2

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        with torch.no_grad():
            # An open forget gate at the start (Jozefowicz et al. 2015).
            self.inward.bias[hidden : 2 * hidden] = 1.0

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        h, c = state.chunk(2, dim=-1)  # [B, H] each
        i, f, g, o = (driven + self.recurrent(h)).chunk(4, dim=-1)  # [B, H] each
        i, f = self._gates(i, f, c)
        c = f * c + i * torch.tanh(g)
        h = self._out(o, c) * torch.tanh(c)
        return h, torch.cat([h, c], dim=-1)  # [B, H], [B, 2 H]

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        h, c = (part[None].contiguous() for part in state.chunk(2, dim=-1))  # [1, B, H] each
        # Weights [4 H, E], [4 H, H], and biases [4 H], of which PyTorch has two.
        weights = [self.inward.weight, self.recurrent.weight, self.inward.bias]
        weights.append(torch.zeros_like(self.inward.bias))
        outputs, h, c = torch.lstm(x, (h, c), weights, *ONE_LAYER)  # [T, B, H], [1, B, H] twice
        return outputs, torch.cat([h[0], c[0]], dim=-1)  # [T, B, H], [B, 2 H]

    def _gates(self, i: Tensor, f: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        return torch.sigmoid(i), torch.sigmoid(f)

    def _out(self, o: Tensor, _: Tensor) -> Tensor:
        return torch.sigmoid(o)


class Peephole(LSTM):
    """LSTM with diagonal peepholes, as the paper prints it (equations 6 to 11).

    i += p_i * c_(t-1), f += p_f * c_(t-1), o += p_o * c_t before their sigmoids.
    """

    forward = Cell.forward

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.peep = nn.Parameter(torch.zeros(3, hidden))

    def _gates(self, i: Tensor, f: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return torch.sigmoid(i + self.peep[0] * c), torch.sigmoid(f + self.peep[1] * c)

    def _out(self, o: Tensor, c: Tensor) -> Tensor:
        return torch.sigmoid(o + self.peep[2] * c)


class GRU(Cell):
    """Gated recurrent unit, the paper's equations 2 to 5.

    z = sigmoid(W_z x_t + U_z h_(t-1) + b_z),  r = sigmoid(W_r x_t + U_r h_(t-1) + b_r)
    h~ = tanh(W_h x_t + r * (U_h h_(t-1)) + b_h),  h_t = (1 - z) * h_(t-1) + z * h~

    The state is h, W = H.
    """

    gates, parts = 3, 1

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        # Weights [3 H, E], [3 H, H], and biases [3 H], of which PyTorch has two.
        weights = [self._arranged(self.inward.weight), self._arranged(self.recurrent.weight)]
        bias = self._arranged(self.inward.bias)
        weights += [bias, torch.zeros_like(bias)]
        # Outputs [T, B, H] and the last h [1, B, H].
        outputs, last = torch.gru(x, state[None].contiguous(), weights, *ONE_LAYER)
        return outputs, last[0]  # [T, B, H], [B, H]

    @staticmethod
    def _arranged(weight: Tensor) -> Tensor:
        """Return weights in PyTorch's order: r, z, g, with z the share of the old state."""
        z, r, g = weight.chunk(3)
        return torch.cat([r, -z, g])

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        zx, rx, gx = driven.chunk(3, dim=-1)  # [B, H] each
        zh, rh, gh = self.recurrent(state).chunk(3, dim=-1)  # [B, H] each
        z = torch.sigmoid(zx + zh)
        candidate = torch.tanh(gx + torch.sigmoid(rx + rh) * gh)
        h = (1 - z) * state + z * candidate
        return h, h


CELLS: dict[str, type[Cell]] = {"lstm": LSTM, "gru": GRU, "peephole": Peephole}
