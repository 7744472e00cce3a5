"""Steps of the models of sound, with seeds to begin from.

A step takes its states, `style` [1, S], `temperature` [], uniform `noise` [1, N] and `seed_index`
[1]: -1 to go on, or the row of the bank whose states are taken first. It gives the next states and
a block. The equations are those of `export.models.wave`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from export.models.wave.block_rnn import BlockRNN
from export.models.wave.oscillators import Oscillators
from export.models.wave.partial_rnn import PartialRNN
from export.step_graph import to_onnx
from export.wave.partials import Grid

SHAKE = 0.05
"""Standard deviation of what the hidden units of the paper's network are shaken by at temperature
1, so that it does not fall into a loop as the paper's own does."""
LEAST_WEIGHTS = 4096
"""Products with fewer weights than this stay in fp32."""
Bank = tuple[Tensor, ...]
"""Rows [seeds, width] of each state that tunes may begin with."""


class SoundStep(nn.Module):
    """Base of the steps of sound; `forward` takes every input of the graph."""

    states: tuple[str, ...]
    noise: int

    def __init__(self, bank: Bank) -> None:
        super().__init__()
        for i, rows in enumerate(bank):
            self.register_buffer(f"bank_{i}", rows)

    def from_seed(self, number: int, state: Tensor, seed: Tensor) -> Tensor:
        """Return the state, or the seed's [1, width]."""
        rows = self.get_buffer(f"bank_{number}")
        fresh = (seed >= 0).to(state.dtype)[:, None]
        return state * (1 - fresh) + rows[seed.clamp(min=0)] * fresh

    def widths(self) -> list[int]:
        """Return the width of each state."""
        return [self.get_buffer(f"bank_{i}").shape[1] for i in range(len(self.states))]


class BlockStep(SoundStep):
    """The paper's network: a block is its spectrum, as real and imaginary parts."""

    states = ("hidden", "last")

    def __init__(self, model: BlockRNN, bank: Bank) -> None:
        super().__init__(bank)
        self.model = model
        self.noise = model.config.hidden

    def forward(
        self, hidden: Tensor, last: Tensor, style: Tensor, temperature: Tensor, noise: Tensor,
        seed_index: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        hidden, last = self.from_seed(0, hidden, seed_index), self.from_seed(1, last, seed_index)
        x, hidden = self.model.step(last, hidden)  # [1, D], [1, H]
        # Uniform noise of unit variance, scaled.
        shaken = (noise - 0.5) * math.sqrt(12) * SHAKE * temperature
        zeros = torch.zeros_like(hidden[:, self.noise :])
        # With a single style its weight has no effect.
        hidden = hidden + torch.cat([shaken, zeros], dim=-1) + 0 * style.sum()
        return hidden, x, self.model.plain(x)


class PartialStep(SoundStep):
    """Ours: a block is samples, faded in and out, to be overlapped by half."""

    states = ("hidden", "levels", "phases")

    def __init__(self, model: PartialRNN, grid: Grid, bank: Bank) -> None:
        super().__init__(bank)
        self.model, self.oscillators = model, Oscillators(grid)
        self.noise = 1 + self.oscillators.noise

    def forward(  # noqa: PLR0917 - the inputs of the graph
        self, hidden: Tensor, levels: Tensor, phases: Tensor, style: Tensor, temperature: Tensor,
        noise: Tensor, seed_index: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
        hidden, levels = (
            self.from_seed(0, hidden, seed_index),
            self.from_seed(1, levels, seed_index),
        )
        phases = self.from_seed(2, phases, seed_index)
        center, logits, hidden = self.model.step(levels, style, hidden)
        levels = self.model.drawn(center, logits, temperature, noise[:, :1])  # [1, F]
        phases = self.oscillators.turned(phases)
        return hidden, levels, phases, self.oscillators(levels, phases, noise[:, 1:])


def example(step: SoundStep, styles: int) -> tuple[Tensor, ...]:
    """Return inputs of the right shapes."""
    generator = torch.Generator().manual_seed(0)
    states = [torch.zeros(1, width) for width in step.widths()]
    style = torch.eye(styles)[:1]
    noise = torch.rand(1, step.noise, generator=generator)
    return (*states, style, torch.tensor(1.0), noise, torch.zeros(1, dtype=torch.int64))


def graphs(step: SoundStep, styles: int) -> tuple[bytes, bytes]:
    """Return the step as an ONNX graph: fp32, and with int8 weights."""
    numbers = range(len(step.states))
    fp32 = to_onnx.exported(
        step,
        example(step, styles),
        [*(f"state_{i}" for i in numbers), "style", "temperature", "noise", "seed_index"],
        [*(f"next_state_{i}" for i in numbers), "block"],
    )
    return fp32, to_onnx.to_int8(fp32, LEAST_WEIGHTS)
