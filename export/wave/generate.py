"""Sound of the models: one block ahead of real sound, and endlessly from a seed.

A stream carries its state from step to step: nothing is computed twice. The paper's program
computes the whole sequence anew for each block, which gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from export.models.wave.block_rnn import BlockRNN
from export.models.wave.oscillators import Oscillators
from export.models.wave.partial_rnn import PartialRNN
from export.wave import blocks
from export.wave.blocks import Floats
from export.wave.partials import POWER, Grid, analyze

AHEAD_ROWS = 32
"""Blocks that are predicted at once."""
DRAWS = 16
"""Continuations of our model whose mean is its expectation."""


def block_stream(model: BlockRNN, seed: Floats) -> Iterator[Floats]:
    """Yield the blocks [length] that follow the samples `seed` [n], for ever."""
    hop, length = model.config.hop, model.config.length
    given = torch.from_numpy(blocks.spectra(blocks.cut(seed, hop, length)))
    state = model.initial(1)
    with torch.no_grad():
        for features in model.standardized(given):
            x, state = model.step(features[None], state)
    while True:
        yield blocks.blocks_of(model.plain(x).numpy(), length)[0]
        with torch.no_grad():
            x, state = model.step(x, state)


def continued_blocks(model: BlockRNN, seed: Floats, seconds: float) -> Floats:
    """Return the blocks [T, length] that follow the seed for so many seconds."""
    stream = block_stream(model, seed)
    count = round(seconds * model.config.rate / model.config.hop)
    return np.stack([next(stream) for _ in range(count)])


@torch.no_grad()
def blocks_ahead(model: BlockRNN, samples: Floats) -> Floats:
    """Return the expected blocks 1 to T - 1 [T - 1, length], each from the real ones before it."""
    hop, length = model.config.hop, model.config.length
    given = torch.from_numpy(blocks.spectra(blocks.cut(samples, hop, length)))
    x = model.standardized(given)[:, None]
    predicted, _ = model(x[:-1], model.initial(1))
    return blocks.blocks_of(model.plain(predicted[:, 0]).numpy(), length)


Begin = tuple[Tensor, Tensor]
"""Last frames heard [B, F], and the states before them [B, W]."""


@torch.no_grad()
def begin_after(model: PartialRNN, style: int, seed: Tensor) -> Begin:
    """Return the state of a stream after the frames `seed` [T, F]; B is 1."""
    tag = torch.eye(len(model.config.styles))[style : style + 1]
    _, _, state = model(seed[:-1, None], tag, model.initial(1))
    return seed[-1:], state


class PartialStream:
    """Frame after frame of our model, in B rows; the same number gives the same frames."""

    def __init__(self, model: PartialRNN, style: int, begin: Begin, number: int) -> None:
        self._model = model
        self._x, self._state = begin
        tag = torch.eye(len(model.config.styles))[style]
        self._style = tag.expand(len(self._x), -1)
        self._generator = torch.Generator().manual_seed(number)

    @torch.no_grad()
    def frames(self, count: int) -> Tensor:
        """Return the next levels [B, count, F]."""
        made = []
        for _ in range(count):
            center, logits, self._state = self._model.step(self._x, self._style, self._state)
            noise = torch.rand(len(self._x), 1, generator=self._generator)
            self._x = self._model.drawn(center, logits, torch.tensor(1.0), noise)
            made.append(self._x)
        return torch.stack(made, dim=1)


def expected_frames(model: PartialRNN, style: int, begin: Begin, count: int) -> Tensor:
    """Return the expected next levels [B, count, F]: the mean amplitudes of `DRAWS` streams.

    It is what a network gives that is trained by squared error.
    """
    x, state = (each.repeat_interleave(DRAWS, dim=0) for each in begin)
    drawn = PartialStream(model, style, (x, state), 1).frames(count)
    strengths = drawn.unflatten(0, (-1, DRAWS)).pow(POWER).mean(dim=1)
    return strengths.pow(1 / POWER)


@torch.no_grad()
def partials_ahead(model: PartialRNN, style: int, samples: Floats, grid: Grid, hop: int) -> Floats:
    """Return the expected blocks 1 to T - 1 [T - 1, hop], each from the real sound before it.

    A frame is known once all samples that its analysis looks at are past.
    """
    count = len(samples) // hop
    starts = hop * np.arange(1, count)
    known = (starts - grid.reach // 2) // grid.hop
    known = np.maximum(known, 0)
    real = torch.from_numpy(analyze(samples, grid))
    tag = torch.eye(len(model.config.styles))[style : style + 1]
    states = model.states(real[:, None], tag, model.initial(1))[:, 0]
    before = torch.cat([model.initial(1), states])
    steps = -(-(hop + grid.reach // 2) // grid.hop) + 2
    frames = expected_frames(model, style, (real[known], before[known]), steps)
    rows = zip(frames.split(AHEAD_ROWS), np.array_split(np.stack([starts, known], 1),
        range(AHEAD_ROWS, len(starts), AHEAD_ROWS)), strict=True)  # fmt: skip
    return np.concatenate([_sounded(levels, where, grid, hop) for levels, where in rows])


def _sounded(levels: Tensor, where: np.ndarray, grid: Grid, hop: int) -> Floats:
    """Return the samples [B, hop] of rows of frames [B, R, F].

    `where` [B, 2] is the first sample wanted, and the frame before the first.
    """
    made = Oscillators(grid)
    rows, steps, _ = levels.shape
    numbers = where[:, 1:] + 1 + np.arange(steps)
    begins = (numbers - 1) * grid.hop
    turns = np.remainder(begins[..., None] * (grid.pitches / grid.rate), 1.0)
    noise = torch.rand(rows * steps, made.noise, generator=torch.Generator().manual_seed(1))
    phases = torch.from_numpy(turns).float().reshape(rows * steps, -1)
    found = made(levels.reshape(rows * steps, -1), phases, noise).reshape(rows, steps, -1)
    out = torch.zeros(rows, grid.hop * (steps + 1))
    for r in range(steps):
        out[:, r * grid.hop : (r + 2) * grid.hop] += found[:, r]
    first = where[:, 0] - begins[:, 0]
    return np.stack([row[f : f + hop] for row, f in zip(out.numpy(), first, strict=True)])
