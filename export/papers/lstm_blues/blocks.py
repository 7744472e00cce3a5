"""Memory blocks: LSTM cells in groups that share their gates (Hochreiter & Schmidhuber 1997).

For cell j of block b, with a forget gate (Gers, Schmidhuber & Cummins 2000; paper 003),

    i_b, f_b, o_b = sigmoid(W_b [x_t; h_(t-1)] + bias_b),  g_j = tanh(V_j [x_t; h_(t-1)] + bias_j)
    c_j = f_b * c_j + i_b * g_j,  h_j = o_b * tanh(c_j)

Conventions: G blocks of two cells, H = 2 G; T steps, B rows, I inputs; float32. A mask [to, from]
of zeros and ones over blocks gives the connections: a forbidden one has no weight at all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CELLS = 2
"""Cells of a block."""
BIASES = (-0.5, -1.0, -1.5, -2.0)
"""Gate biases of four blocks, so that these come into use one after another."""
RANGE = 0.35
"""Initial weights are uniform in -RANGE .. RANGE."""


class Blocks(nn.Module):
    """G recurrent blocks, connected to inputs by `inputs_mask` [G, I], to blocks by `mask` [G, G].

    Both masks hold zeros and ones. `forget_sign` is that of the forget gates' biases: 1 as the
    paper prints it, nearly shut; -1 as Gers et al. (2000) do, nearly open.
    """

    to_blocks: Tensor

    def __init__(self, inputs_mask: Tensor, mask: Tensor, forget_sign: int) -> None:
        super().__init__()
        blocks, inputs = inputs_mask.shape
        self.hidden = CELLS * blocks
        # A gate of a block is one row; the cells of a block have a row each.
        self.gates = nn.Linear(inputs + self.hidden, 3 * blocks)
        self.cells = nn.Linear(inputs + self.hidden, self.hidden)
        wide = mask.repeat_interleave(CELLS, 1)  # [G, H]
        self.register_buffer("to_blocks", torch.cat([inputs_mask, wide], 1))  # [G, I + H]
        self._initialize(blocks, forget_sign)

    def _initialize(self, blocks: int, forget_sign: int) -> None:
        with torch.no_grad():
            for part in (self.gates, self.cells):
                nn.init.uniform_(part.weight, -RANGE, RANGE)
                nn.init.zeros_(part.bias)
            biases = torch.tensor(BIASES).repeat(-(-blocks // len(BIASES)))[:blocks]
            self.gates.bias.copy_(torch.cat([biases, forget_sign * biases, biases]))

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the weights of an equivalent `nn.LSTM`: [4 H, I], [4 H, H] and biases [4 H].

        A gate has a row for each of its cells, and the weights of forbidden connections are zero.
        """
        allowed = self.to_blocks  # [G, I + H]
        gates = self.gates.weight * allowed.repeat(3, 1)  # [3 G, I + H]
        parts = [*gates.repeat_interleave(CELLS, 0).chunk(3)]  # [H, I + H] each
        parts.insert(2, self.cells.weight * allowed.repeat_interleave(CELLS, 0))
        biases = [*self.gates.bias.repeat_interleave(CELLS).chunk(3)]  # [H] each
        biases.insert(2, self.cells.bias)
        whole, bias = torch.cat(parts), torch.cat(biases)  # [4 H, I + H], [4 H]
        return *whole.split([whole.shape[1] - self.hidden, self.hidden], 1), bias
