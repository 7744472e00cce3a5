"""The networks of Eck & Schmidhuber (2002, paper 003): chords alone, and chords under a melody.

    logits_(t+1) = (W * connected) [h_t; x_t] + b,  h_t of the memory blocks (`blocks`)

Conventions: a step is an eighth of a whole note, [T, B, notes] zeros and ones: 12 chord notes, and
then, in the second experiment, 13 melody notes. Outputs are logits of the next step; the columns of
the output weights belong to the memory first, and then to the notes. H units; float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.papers.lstm_blues.blocks import CELLS, RANGE, Blocks

CHORD_NOTES = 12
MELODY_NOTES = 13
OUTPUT_BIAS = 0.5
GROUP = 4
"""Blocks for chords, and as many for the melody."""


class Network(nn.Module):
    """Base of the networks: a memory, and outputs from it and the notes where `connected` is 1."""

    lstm = True
    connected: Tensor

    def __init__(self, hidden: int, connected: Tensor) -> None:
        super().__init__()
        self.hidden, self.notes = hidden, len(connected)
        self.register_buffer("connected", connected)
        self.output = nn.Linear(hidden + self.notes, self.notes)
        nn.init.uniform_(self.output.weight, -RANGE, RANGE)
        nn.init.constant_(self.output.bias, OUTPUT_BIAS)

    def memory(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return input weights, recurrent weights and biases, laid out as in `nn.LSTM`, `nn.RNN`.

        Shapes: [G H, notes], [G H, H] and [G H], G = 4 for an LSTM, else 1.
        """
        raise NotImplementedError

    def outputs(self) -> tuple[Tensor, Tensor]:
        """Return weights [notes, H + notes] and biases [notes] of the outputs."""
        return self.output.weight * self.connected, self.output.bias


class Chords(Network):
    """Experiment 1: four blocks, connected to each other and to the notes."""

    def __init__(self, forget_sign: int = 1) -> None:
        super().__init__(GROUP * CELLS, torch.ones(CHORD_NOTES, GROUP * CELLS + CHORD_NOTES))
        self.blocks = Blocks(torch.ones(GROUP, CHORD_NOTES), torch.ones(GROUP, GROUP), forget_sign)

    def memory(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.blocks.weights()


class Song(Network):
    """Experiment 2: four more blocks for the melody, which read the chords' and not the reverse."""

    def __init__(self, forget_sign: int = 1) -> None:
        mask = torch.ones(2 * GROUP, 2 * GROUP)
        mask[:GROUP, GROUP:] = 0.0
        sides = (CHORD_NOTES, MELODY_NOTES)
        inputs_mask = torch.block_diag(*(torch.ones(GROUP, n) for n in sides))
        cells = torch.block_diag(*(torch.ones(n, GROUP * CELLS) for n in sides))
        notes = torch.block_diag(*(torch.ones(n, n) for n in sides))
        super().__init__(2 * GROUP * CELLS, torch.cat([cells, notes], 1))
        self.blocks = Blocks(inputs_mask, mask, forget_sign)

    def memory(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.blocks.weights()


class Plain(Network):
    """The control of experiment 1: tanh units without gates."""

    lstm = False

    def __init__(self, units: int = GROUP * CELLS) -> None:
        super().__init__(units, torch.ones(CHORD_NOTES, units + CHORD_NOTES))
        self.units = nn.Linear(units + CHORD_NOTES, units)
        nn.init.uniform_(self.units.weight, -RANGE, RANGE)
        nn.init.zeros_(self.units.bias)

    def memory(self) -> tuple[Tensor, Tensor, Tensor]:
        notes, own = self.units.weight.split([CHORD_NOTES, self.hidden], 1)
        return notes, own, self.units.bias
