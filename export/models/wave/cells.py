"""The two recurrent cells that the GRUV paper compares, with one state tensor each.

Conventions: B rows, E input width, H units, W state width; float32. Whole sequences are run by
PyTorch's own kernels where it has them.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

ONE_LAYER = (True, 1, 0.0, True, False, False)
"""With biases, one layer, no dropout, training, one direction, time first: as `torch.lstm` asks."""


class Cell(nn.Module):
    """Base: the product with the input is taken for a whole sequence at once."""

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
        """W."""
        return self.parts * self.hidden

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Output [B, H] and next state [B, W] from `driven` [B, gates H] and the state."""
        raise NotImplementedError

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs [T, B, H] and the last state [B, W] from `x` [T, B, E]."""
        outputs = []
        for driven in self.inward(x):
            output, state = self.after(driven, state)
            outputs.append(output)
        return torch.stack(outputs), state

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The same for one step: `x` [B, E]."""
        return self.after(self.inward(x), state)


class LSTM(Cell):
    """Without peepholes: what the paper's program ran."""

    gates, parts = 4, 2

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        with torch.no_grad():
            # An open forget gate at the start (Jozefowicz et al. 2015).
            self.inward.bias[hidden : 2 * hidden] = 1.0

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        h, c = state.chunk(2, dim=-1)
        i, f, g, o = (driven + self.recurrent(h)).chunk(4, dim=-1)
        i, f = self._gates(i, f, c)
        c = f * c + i * torch.tanh(g)
        h = self._out(o, c) * torch.tanh(c)
        return h, torch.cat([h, c], dim=-1)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        h, c = (part[None].contiguous() for part in state.chunk(2, dim=-1))
        weights = [self.inward.weight, self.recurrent.weight, self.inward.bias]
        weights.append(torch.zeros_like(self.inward.bias))
        outputs, h, c = torch.lstm(x, (h, c), weights, *ONE_LAYER)
        return outputs, torch.cat([h[0], c[0]], dim=-1)

    def _gates(self, i: Tensor, f: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        return torch.sigmoid(i), torch.sigmoid(f)

    def _out(self, o: Tensor, _: Tensor) -> Tensor:
        return torch.sigmoid(o)


class Peephole(LSTM):
    """With diagonal peepholes: what the paper prints (equations 6 to 11)."""

    forward = Cell.forward

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.peep = nn.Parameter(torch.zeros(3, hidden))

    def _gates(self, i: Tensor, f: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return torch.sigmoid(i + self.peep[0] * c), torch.sigmoid(f + self.peep[1] * c)

    def _out(self, o: Tensor, c: Tensor) -> Tensor:
        return torch.sigmoid(o + self.peep[2] * c)


class GRU(Cell):
    """`h <- (1 - z) h + z tanh(W x + r (U h))`: the paper's equations 2 to 5."""

    gates, parts = 3, 1

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        weights = [self._arranged(self.inward.weight), self._arranged(self.recurrent.weight)]
        bias = self._arranged(self.inward.bias)
        weights += [bias, torch.zeros_like(bias)]
        outputs, last = torch.gru(x, state[None].contiguous(), weights, *ONE_LAYER)
        return outputs, last[0]

    @staticmethod
    def _arranged(weight: Tensor) -> Tensor:
        """In PyTorch's order, where the update gate says what is kept, not what is new."""
        z, r, g = weight.chunk(3)
        return torch.cat([r, -z, g])

    def after(self, driven: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        zx, rx, gx = driven.chunk(3, dim=-1)
        zh, rh, gh = self.recurrent(state).chunk(3, dim=-1)
        z = torch.sigmoid(zx + zh)
        candidate = torch.tanh(gx + torch.sigmoid(rx + rh) * gh)
        h = (1 - z) * state + z * candidate
        return h, h


CELLS: dict[str, type[Cell]] = {"lstm": LSTM, "gru": GRU, "peephole": Peephole}
