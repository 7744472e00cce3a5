"""The paper's own way to learn: after every step, by the truncated gradient, with momentum.

What a weight did to a cell is carried forward with the cell (real-time recurrent learning); errors
do not flow back through the outputs of the memory (Gers, Schmidhuber & Cummins 2000). After gross
errors the song begins anew, with an empty memory.

Conventions: H cells in blocks of two, G blocks, Z = notes + H what a block hears; float64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from export.papers.lstm_blues.blocks import CELLS
from export.papers.lstm_blues.networks import Chords, Song

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Online:
    """The paper's rates."""

    rate: float = 1e-5
    momentum: float = 0.9
    gross: int = 1
    """Steps with a note on the wrong side of one half after which the song begins anew."""


class Learner:
    """A network while it learns."""

    def __init__(self, model: Chords | Song, online: Online) -> None:
        self.model, self.online = model, online
        layers = (model.blocks.gates, model.blocks.cells, model.output)
        self._parameters = [p for layer in layers for p in (layer.weight, layer.bias)]
        self._arrays: list[Array] = [p.detach().numpy().astype(float) for p in self._parameters]
        blocks, output = model.blocks.to_blocks.numpy(), model.connected.numpy()
        masks = (np.tile(blocks, (3, 1)), blocks.repeat(CELLS, 0), output)
        self._masks = [m for mask in masks for m in (mask, np.ones(len(mask)))]
        for array, mask in zip(self._arrays, self._masks, strict=True):
            np.multiply(array, mask, out=array)
        self._speed = [np.zeros_like(array) for array in self._arrays]
        self.begin()

    def begin(self) -> None:
        """Empty the memory, and forget what weights did to it."""
        cells, inputs = self._arrays[2].shape
        self.h, self.c = np.zeros(cells), np.zeros(cells)
        # What each cell has from the weights of its input gate, forget gate and input.
        self._past = np.zeros((3, cells, inputs + 1))
        self.errors = 0

    def song(self, steps: Array) -> int:
        """Learn from a song [T, notes] until it ends, or goes wrong; steps that were heard."""
        self.begin()
        for t, (x, target) in enumerate(pairwise(steps), 1):
            y = self.step(x, target)
            self.errors += bool(((y > 0.5) != (target > 0.5)).any())
            if self.errors >= self.online.gross:
                return t
        return len(steps) - 1

    def step(self, x: Array, target: Array) -> Array:
        """Outputs [notes] after `x`, and weights that are better at giving `target`."""
        gates, gate_bias, cells, cell_bias, out, out_bias = self._arrays
        z = np.concatenate([x, self.h, [1.0]])
        i, f, o = _sigmoid(gates @ z[:-1] + gate_bias).reshape(3, -1).repeat(CELLS, 1)
        g = np.tanh(cells @ z[:-1] + cell_bias)
        effects = np.stack([g * i * (1 - i), self.c * f * (1 - f), i * (1 - g * g)])
        self._past = self._past * f[:, None] + effects[..., None] * z
        self.c = f * self.c + i * g
        squashed = np.tanh(self.c)
        self.h = o * squashed
        heard = np.concatenate([self.h, x])
        y = _sigmoid(out @ heard + out_bias)
        self._burn(self._gradient((target - y, heard, z), (o, squashed)))
        return y

    def _gradient(
        self, seen: tuple[Array, Array, Array], gate: tuple[Array, Array]
    ) -> Iterable[Array]:
        """Of the log-likelihood, by each array of weights."""
        delta, heard, z = seen
        o, squashed = gate
        error = self._arrays[4][:, : len(o)].T @ delta
        of_cells = error * o * (1 - squashed * squashed)
        by_input, by_forget, by_cell = self._past * of_cells[:, None]
        by_output = (error * squashed * o * (1 - o))[:, None] * z
        by_gates = np.concatenate(
            [part.reshape(-1, CELLS, len(z)).sum(1) for part in (by_input, by_forget, by_output)]
        )
        return (by_gates[:, :-1], by_gates[:, -1], by_cell[:, :-1], by_cell[:, -1],
                np.outer(delta, heard), delta)  # fmt: skip

    def _burn(self, gradient: Iterable[Array]) -> None:
        moving = zip(self._arrays, self._speed, self._masks, gradient, strict=True)
        for array, speed, mask, change in moving:
            np.multiply(speed, self.online.momentum, out=speed)
            np.add(speed, self.online.rate * change * mask, out=speed)
            np.add(array, speed, out=array)

    def keep(self) -> None:
        """Write the weights into the model."""
        with torch.no_grad():
            for parameter, array in zip(self._parameters, self._arrays, strict=True):
                parameter.copy_(torch.from_numpy(array))


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
