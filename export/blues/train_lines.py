"""Training of the lines: melody and bass over the chords, with the state carried over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from export.blues.choruses import BELOW, ENDS, GOES_ON, chorus
from export.blues.forms import BAR, CHORUS, HALF, HALVES, STYLES, Ints
from export.blues.train_clock import FORMS
from export.models.blues.trio import BASS_LOW, ECHO, MELODY_LOW, Clock, Lines, LinesInput, Trio
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task

CHORUSES = 4
"""Choruses of a tune of the training set."""


@dataclass(frozen=True, slots=True)
class LinesPlan(Plan):
    """Training plan of the lines."""

    epochs: int = 12
    rows: int = 24
    length: int = 96
    """Frames through which an error is followed back."""
    rate: float = 4e-3
    warm_up: float = 0.25
    seed: int = 0
    tunes: int = 400
    """Tunes of the training set; a quarter of them is of each style."""


def own(classes: Ints, low: int) -> Ints:
    """Return classes of lead sheets as a part's own, whose lowest pitch is `low`."""
    return np.where(classes > ENDS, classes + BELOW - low + 2, classes)


@dataclass(frozen=True, slots=True)
class Tunes:
    """Inputs and targets of tunes, all [T, N]."""

    melody: Ints
    bass: Ints
    """Own classes of the part."""
    style: Ints
    """Indices of the styles [N]."""

    def columns(self) -> Ints:
        """Return the columns of `LinesInput` [T, N, 5]."""
        length, count = self.melody.shape
        chord = FORMS[self.style].T.repeat(HALF, 0)
        chord = np.tile(chord, (length // CHORUS, 1))
        phase = np.broadcast_to((np.arange(length) % BAR)[:, None], (length, count))
        nothing = np.zeros((ECHO, count), np.int64)
        echo = np.concatenate([nothing, self.melody[:-ECHO] + 1])
        return np.stack([_sounding(self.melody), _sounding(self.bass), echo, chord, phase], -1)


def _sounding(classes: Ints) -> Ints:
    """Return the last class but 0 before each frame, plus one [T, N]; 0 for nothing."""
    starts = np.where(classes == GOES_ON, 0, np.arange(1, len(classes) + 1)[:, None])
    latest = np.maximum.accumulate(starts, 0)
    first = np.full_like(classes[:1], -1)
    last = np.take_along_axis(np.concatenate([first, classes]), latest, 0) + 1
    return np.concatenate([np.zeros_like(last[:1]), last[:-1]])


def tunes(count: int, rng: np.random.Generator) -> Tunes:
    """Return new tunes of `CHORUSES` choruses, the styles in turns."""
    style = np.arange(count) % len(STYLES)
    whole = [
        np.concatenate([chorus(STYLES[s], rng) for _ in range(CHORUSES)]) for s in style.tolist()
    ]
    frames = np.stack(whole, 1)
    return Tunes(own(frames[..., 0], MELODY_LOW), own(frames[..., 2], BASS_LOW), style)


@torch.no_grad()
def places(clock: Clock) -> Tensor:
    """Return a clock's state at the head of each frame's half bar [T, S, cells]."""
    chords = torch.from_numpy(np.tile(FORMS.T, (CHORUSES, 1)))
    style = torch.eye(len(STYLES)).expand(CHORUSES * HALVES, -1, -1)
    after, _ = clock(chords, style)
    before = torch.cat([torch.zeros_like(after[:1]), after[:-1]])
    return before.repeat_interleave(HALF, 0)


class LinesTask(Task[tuple[LinesInput, Ints, bool]]):
    """The lines, and tunes of `CHORUSES` choruses that they play over a trained clock."""

    model: Lines

    def __init__(self, model: Trio, plan: LinesPlan, rng: np.random.Generator) -> None:
        self.model, self.plan = model.lines, plan
        self._tunes, self._place = tunes(plan.tunes, rng), places(model.clock)
        self._columns = self._tunes.columns()

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[tuple[LinesInput, Ints, bool]]]:
        return self.plan.tunes * CHORUSES * CHORUS, self._chunks(epoch.rng)

    def _chunks(self, rng: np.random.Generator) -> Iterator[tuple[LinesInput, Ints, bool]]:
        """Yield inputs and targets [T, B, 2] of each chunk, and whether it begins its tunes."""
        plan, given = self.plan, self._tunes
        for rows in np.array_split(rng.permutation(plan.tunes), -(-plan.tunes // plan.rows)):
            for begin in range(0, CHORUSES * CHORUS, plan.length):
                part = slice(begin, begin + plan.length)
                inputs = _inputs(self._columns[part][:, rows], given.style[rows], self._place[part])
                target = np.stack([given.melody[part][:, rows], given.bass[part][:, rows]], -1)
                yield inputs, target, begin == 0

    def loss(self, batch: Batch[tuple[LinesInput, Ints, bool]]) -> Loss:
        inputs, target, first = batch.content
        mean, state = _loss(self.model, inputs, target, None if first else batch.state)
        frames = target.shape[0] * target.shape[1]
        return Loss(mean, float(mean.detach()) * frames, frames, state)


def _inputs(columns: Ints, style: Ints, place: Tensor) -> LinesInput:
    melody, bass, echo, chord, phase = torch.from_numpy(columns).unbind(-1)
    shape = (len(columns), len(style), len(STYLES))
    one = F.one_hot(torch.from_numpy(style), len(STYLES)).float().expand(shape)
    after = place[:, torch.from_numpy(style)]
    return LinesInput(melody, bass, echo, chord, phase, one, after)


def _loss(
    lines: Lines, inputs: LinesInput, target: NDArray[np.int64], state: tuple[Tensor, Tensor] | None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return nats per frame: L = -mean (ln p(melody) + ln p(bass)), and the state."""
    logits, (h, c) = lines(inputs, state)  # [T, B, 2, classes]
    aim = torch.from_numpy(np.ascontiguousarray(target))
    each = F.cross_entropy(logits.flatten(0, 2), aim.flatten(), reduction="none")
    return each.reshape(-1, 2).sum(-1).mean(), (h.detach(), c.detach())
