"""The network of the GRUV paper predicts the spectrum of the next block from that of the last one.

    x~_t = (x_t - mean) / deviation                    (feature by feature)
    h_t = cell(W_in x~_t + b_in, h_(t-1))              (LSTM or GRU, see `cells`)
    y_t = W_out h_t + b_out,  L = 1/T sum_t |y_t - x~_(t+1)|^2

Nayebi & Vitelli (2015, paper 004); their program MattVitelli/GRUV has the dense layers before and
after the cell and the standardization, which the paper does not state. x_t is the discrete Fourier
transform of a block, real parts, then imaginary parts.
Conventions: T blocks, B rows, D features of a block, H units, W state width; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models.wave.cells import CELLS


@dataclass(frozen=True, slots=True)
class BlockConfig:
    """Sizes of the network, and of the blocks that it is trained on."""

    rate: int = 11_025
    """Sample rate in Hz."""
    hop: int = 2756
    """Samples from block to block: 0.25 s."""
    fade: int = 274
    """Samples that a block shares with the next."""
    hidden: int = 256
    cell: str = "lstm"

    @property
    def length(self) -> int:
        """Samples of a block."""
        return self.hop + self.fade

    @property
    def features(self) -> int:
        """D: real and imaginary parts of the spectrum of a block."""
        return 2 * (self.length // 2 + 1)


class BlockRNN(nn.Module):
    """The next block [B, D] from the last one, both standardized."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: BlockConfig) -> None:
        super().__init__()
        self.config = config
        size, hidden = config.features, config.hidden
        self.inward = nn.Linear(size, hidden)
        self.cell = CELLS[config.cell](hidden, hidden)
        self.outward = nn.Linear(hidden, size)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))

    def initial(self, rows: int) -> Tensor:
        """Return the state before the first block: zeros [B, W]."""
        return self.mean.new_zeros(rows, self.cell.width)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return predictions [T, B, D] and the last state [B, W] from blocks `x` [T, B, D]."""
        projected = self.inward(x)  # [T, B, H]
        outputs, state = self.cell(projected, state)  # [T, B, H], [B, W]
        return self.outward(outputs), state  # [T, B, D], [B, W]

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return a prediction [B, D] and the next state [B, W] from one block `x` [B, D].

        This is the form that is exported.
        """
        output, state = self.cell.step(self.inward(x), state)  # [B, H], [B, W]
        return self.outward(output), state  # [B, D], [B, W]

    def standardized(self, features: Tensor) -> Tensor:
        """Return features [..., D] less their mean over the training blocks, over deviation."""
        return (features - self.mean) / self.deviation

    def plain(self, standardized: Tensor) -> Tensor:
        """Return the inverse of `standardized`."""
        return standardized * self.deviation + self.mean


def parameters(model: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(p.numel() for p in model.parameters())


def equal_hidden(config: BlockConfig, target: int) -> int:
    """Return the width at which this configuration comes closest to `target` parameters."""
    d, gates = config.features, CELLS[config.cell].gates

    def count(h: int) -> int:
        return h * (2 * d + 1) + d + gates * h * (2 * h + 1)

    return min(range(1, 8193), key=lambda h: abs(count(h) - target))
