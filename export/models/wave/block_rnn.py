"""The GRUV paper's network: a block's spectrum -> dense -> LSTM or GRU -> dense -> the next.

Nayebi and Vitelli (2015), and their program MattVitelli/GRUV for what the paper leaves open: dense
layers before and after, features standardised one by one, no activation but the cell's.
Conventions: T blocks, B rows, D features of a block, W state width; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models.wave.cells import CELLS


@dataclass(frozen=True, slots=True)
class BlockConfig:
    """Sizes of the network, and of the blocks that it was made for."""

    rate: int = 11_025
    """Hz."""
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
        """D: real and imaginary parts."""
        return 2 * (self.length // 2 + 1)


class BlockRNN(nn.Module):
    """Predicts the standardised next block [B, D] from the standardised last one."""

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
        """State before the first block: zeros [B, W]."""
        return self.mean.new_zeros(rows, self.cell.width)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Predictions [T, B, D] and the last state [B, W] from blocks `x` [T, B, D]."""
        outputs, state = self.cell(self.inward(x), state)
        return self.outward(outputs), state

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Prediction [B, D] and next state [B, W] from one block `x` [B, D]: what is exported."""
        output, state = self.cell.step(self.inward(x), state)
        return self.outward(output), state

    def standardised(self, features: Tensor) -> Tensor:
        """Features [..., D] less their mean over the training blocks, in standard deviations."""
        return (features - self.mean) / self.deviation

    def plain(self, standardised: Tensor) -> Tensor:
        """Inverse of `standardised`."""
        return standardised * self.deviation + self.mean


def parameters(model: nn.Module) -> int:
    """How many numbers are learnt."""
    return sum(p.numel() for p in model.parameters())


def equal_hidden(config: BlockConfig, target: int) -> int:
    """The width at which this configuration's cell comes closest to `target` parameters."""
    d, gates = config.features, CELLS[config.cell].gates

    def count(h: int) -> int:
        return h * (2 * d + 1) + d + gates * h * (2 * h + 1)

    return min(range(1, 8193), key=lambda h: abs(count(h) - target))
