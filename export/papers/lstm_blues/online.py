"""The paper's own training: after every step, by the truncated gradient, with momentum.

The effect of a weight on a cell is carried forward with the cell (real-time recurrent learning);
errors do not flow back through the outputs of the memory (Gers, Schmidhuber & Cummins 2000). With
z = [x; h; 1] and the traces S of the weights of the input gate, forget gate and cell input,

    S_i = f S_i + g i (1 - i) z,  S_f = f S_f + c f (1 - f) z,  S_g = f S_g + i (1 - g^2) z
    e = W_out' (target - y),  dc = e o (1 - tanh(c)^2)
    dW_i = dc S_i,  dW_f = dc S_f,  dW_g = dc S_g,  dW_o = e tanh(c) o (1 - o) z
    v = momentum v + rate dW,  W = W + v

After gross errors the song starts again, with an empty memory.

Conventions: H cells in blocks of two, G blocks, Z = notes + H inputs of a block; float64.
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
    """The paper's learning rate, momentum and stopping rule."""

    rate: float = 1e-5
    momentum: float = 0.9
    gross: int = 1
    """Steps with a note on the wrong side of one half after which the song starts again."""


class Learner:
    """A network in training."""

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
        """Empty the memory and the traces."""
        cells, inputs = self._arrays[2].shape
        self.h, self.c = np.zeros(cells), np.zeros(cells)
        # Traces of the weights of each cell's input gate, forget gate and input.
        self._traces = np.zeros((3, cells, inputs + 1))
        self.errors = 0

    def song(self, steps: Array) -> int:
        """Learn from a song [T, notes] until its end or gross errors; return the steps taken."""
        self.begin()
        for t, (x, target) in enumerate(pairwise(steps), 1):
            y = self.step(x, target)
            self.errors += bool(((y > 0.5) != (target > 0.5)).any())
            if self.errors >= self.online.gross:
                return t
        return len(steps) - 1

    def step(self, x: Array, target: Array) -> Array:
        """Return the outputs [notes] after `x` [notes], and take a step towards `target`."""
        gates, gate_bias, cells, cell_bias, out, out_bias = self._arrays
        z = np.concatenate([x, self.h, [1.0]])  # [Z + 1]
        # A gate of a block serves both its cells. [H] each
        i, f, o = _sigmoid(gates @ z[:-1] + gate_bias).reshape(3, -1).repeat(CELLS, 1)
        g = np.tanh(cells @ z[:-1] + cell_bias)  # [H]
        effects = np.stack([g * i * (1 - i), self.c * f * (1 - f), i * (1 - g * g)])  # [3, H]
        self._traces = self._traces * f[:, None] + effects[..., None] * z  # [3, H, Z + 1]
        self.c = f * self.c + i * g
        squashed = np.tanh(self.c)
        self.h = o * squashed
        inputs = np.concatenate([self.h, x])  # [H + notes]
        y = _sigmoid(out @ inputs + out_bias)  # [notes]
        self._update(self._gradient((target - y, inputs, z), (o, squashed)))
        return y

    def _gradient(
        self, seen: tuple[Array, Array, Array], gate: tuple[Array, Array]
    ) -> Iterable[Array]:
        """Return the gradient of the log-likelihood, for each array of weights."""
        delta, inputs, z = seen
        o, squashed = gate
        error = self._arrays[4][:, : len(o)].T @ delta  # [H]
        of_cells = error * o * (1 - squashed * squashed)  # [H]
        by_input, by_forget, by_cell = self._traces * of_cells[:, None]  # [H, Z + 1] each
        by_output = (error * squashed * o * (1 - o))[:, None] * z  # [H, Z + 1]
        by_gates = np.concatenate(
            [part.reshape(-1, CELLS, len(z)).sum(1) for part in (by_input, by_forget, by_output)]
        )
        return (by_gates[:, :-1], by_gates[:, -1], by_cell[:, :-1], by_cell[:, -1],
                np.outer(delta, inputs), delta)  # fmt: skip

    def _update(self, gradient: Iterable[Array]) -> None:
        moving = zip(self._arrays, self._speed, self._masks, gradient, strict=True)
        for array, speed, mask, change in moving:
            np.multiply(speed, self.online.momentum, out=speed)
            np.add(speed, self.online.rate * change * mask, out=speed)
            np.add(array, speed, out=array)

    def store(self) -> None:
        """Write the weights into the model."""
        with torch.no_grad():
            for parameter, array in zip(self._parameters, self._arrays, strict=True):
                parameter.copy_(torch.from_numpy(array))


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
