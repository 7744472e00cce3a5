"""Memory blocks: LSTM cells in groups that share their gates (Hochreiter & Schmidhuber 1997).

Conventions: G blocks of two cells, H = 2 G; T steps, B rows, I inputs; float32. A mask [to, from]
of zeros and ones over blocks says which block hears which: what it forbids has no weight at all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CELLS = 2
"""Of a block."""
BIASES = (-0.5, -1.0, -1.5, -2.0)
"""Of the gates of four blocks, so that these come into use one after another."""
FORGET_SIGNS = (1, -1)
"""+1: forget gates are biased as the paper prints it, nearly shut; -1: as Gers et al. (2000) do,
nearly open."""
GATES = 4
"""Input, forget, cell input, output: the order of `nn.LSTM`."""
RANGE = 0.35
"""Of the weights before training."""


class Blocks(nn.Module):
    """G recurrent blocks; `hears` [G, I] and `mask` [G, G] say what each is connected to."""

    def __init__(self, hears: Tensor, mask: Tensor, forget_sign: int) -> None:
        super().__init__()
        blocks, inputs = hears.shape
        self.hidden = CELLS * blocks
        # A gate of a block is one row; the cells of a block have a row each.
        self.gates = nn.Linear(inputs + self.hidden, 3 * blocks)
        self.cells = nn.Linear(inputs + self.hidden, self.hidden)
        wide = mask.repeat_interleave(CELLS, 1)
        self.register_buffer("to_blocks", torch.cat([hears, wide], 1))
        self._begin(blocks, forget_sign)

    def _begin(self, blocks: int, forget_sign: int) -> None:
        with torch.no_grad():
            for part in (self.gates, self.cells):
                nn.init.uniform_(part.weight, -RANGE, RANGE)
                nn.init.zeros_(part.bias)
            biases = torch.tensor(BIASES).repeat(-(-blocks // len(BIASES)))[:blocks]
            self.gates.bias.copy_(torch.cat([biases, forget_sign * biases, biases]))

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of an `nn.LSTM` that does the same: [4 H, I], [4 H, H] and [4 H].

        A gate has a row for each of its cells, and what a mask forbids is zero.
        """
        allowed = self.to_blocks
        gates = self.gates.weight * allowed.repeat(3, 1)
        parts = [*gates.repeat_interleave(CELLS, 0).chunk(3)]
        parts.insert(2, self.cells.weight * allowed.repeat_interleave(CELLS, 0))
        biases = [*self.gates.bias.repeat_interleave(CELLS).chunk(3)]
        biases.insert(2, self.cells.bias)
        whole, bias = torch.cat(parts), torch.cat(biases)
        return *whole.split([whole.shape[1] - self.hidden, self.hidden], 1), bias
