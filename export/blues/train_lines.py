"""Training of the lines: melody and bass over the chords, tune by tune, the state carried over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from export.blues.choruses import BELOW, ENDS, GOES_ON, chorus
from export.blues.forms import BAR, CHORUS, HALF, HALVES, STYLES, Ints
from export.blues.train_clock import FORMS
from export.models.blues.trio import BASS_LOW, ECHO, MELODY_LOW, Clock, Heard, Lines

CHORUSES = 4
"""Of a tune to learn from."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """How long and how fast the lines learn."""

    tunes: int = 400
    """To learn from; a quarter of them is of each style."""
    rows: int = 24
    length: int = 96
    """Frames through which an error is followed."""
    epochs: int = 12
    minutes: float = 0.0
    """At most; 0: no limit."""
    rate: float = 4e-3


def own(classes: Ints, low: int) -> Ints:
    """Classes of lead sheets as a part's own, whose lowest pitch is `low`."""
    return np.where(classes > ENDS, classes + BELOW - low + 2, classes)


@dataclass(frozen=True, slots=True)
class Tunes:
    """Tunes as the network hears them and what it is to say, all [T, N]."""

    melody: Ints
    bass: Ints
    """Own classes."""
    style: Ints
    """[N] indices."""

    def columns(self) -> Ints:
        """[T, N, 5]: the columns of `Heard`."""
        length, count = self.melody.shape
        chord = FORMS[self.style].T.repeat(HALF, 0)
        chord = np.tile(chord, (length // CHORUS, 1))
        phase = np.broadcast_to((np.arange(length) % BAR)[:, None], (length, count))
        nothing = np.zeros((ECHO, count), np.int64)
        echo = np.concatenate([nothing, self.melody[:-ECHO] + 1])
        return np.stack([_sounding(self.melody), _sounding(self.bass), echo, chord, phase], -1)


def _sounding(classes: Ints) -> Ints:
    """[T, N] before each frame: the last class but 0, and one more; 0 for nothing."""
    said = np.where(classes == GOES_ON, 0, np.arange(1, len(classes) + 1)[:, None])
    latest = np.maximum.accumulate(said, 0)
    first = np.full_like(classes[:1], -1)
    last = np.take_along_axis(np.concatenate([first, classes]), latest, 0) + 1
    return np.concatenate([np.zeros_like(last[:1]), last[:-1]])


def tunes(count: int, rng: np.random.Generator) -> Tunes:
    """New tunes of `CHORUSES` choruses, the styles in turns."""
    style = np.arange(count) % len(STYLES)
    whole = [
        np.concatenate([chorus(STYLES[s], rng) for _ in range(CHORUSES)]) for s in style.tolist()
    ]
    frames = np.stack(whole, 1)
    return Tunes(own(frames[..., 0], MELODY_LOW), own(frames[..., 2], BASS_LOW), style)


@torch.no_grad()
def places(clock: Clock) -> Tensor:
    """[T, S, cells] what a clock remembers at the head of each frame's half bar."""
    chords = torch.from_numpy(np.tile(FORMS.T, (CHORUSES, 1)))
    style = torch.eye(len(STYLES)).expand(CHORUSES * HALVES, -1, -1)
    after, _ = clock(chords, style)
    before = torch.cat([torch.zeros_like(after[:1]), after[:-1]])
    return before.repeat_interleave(HALF, 0)


def train_lines(
    lines: Lines, clock: Clock, lesson: Lesson, rng: np.random.Generator
) -> Iterator[float]:
    """Train in place; yields the loss of each epoch, nats a frame of both parts."""
    given, place = tunes(lesson.tunes, rng), places(clock)
    columns = given.columns()
    optimiser = torch.optim.AdamW(lines.parameters(), lr=lesson.rate, weight_decay=0.01)
    steps = lesson.epochs * -(-lesson.tunes // lesson.rows) * (CHORUSES * CHORUS // lesson.length)
    begun, done = time.monotonic(), 0.0
    spent: Callable[[], float] = lambda: (time.monotonic() - begun) / 60  # noqa: E731
    step = 0
    for _ in range(lesson.epochs):
        losses = []
        for rows in np.array_split(rng.permutation(lesson.tunes), -(-lesson.tunes // lesson.rows)):
            state = None
            for begin in range(0, CHORUSES * CHORUS, lesson.length):
                step += 1
                done = max(step / steps, spent() / lesson.minutes if lesson.minutes else 0.0)
                optimiser.param_groups[0]["lr"] = lesson.rate * _pace(done)
                part = slice(begin, begin + lesson.length)
                heard = _heard(columns[part][:, rows], given.style[rows], place[part])
                said = np.stack([given.melody[part][:, rows], given.bass[part][:, rows]], -1)
                loss, state = _loss(lines, heard, said, state)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(lines.parameters(), 1.0)
                optimiser.step()
                losses.append(loss.item())
            if done >= 1:
                break
        yield float(np.mean(losses))
        if done >= 1:
            return


def _pace(done: float) -> float:
    """Share of the rate: a warm-up, then half a cosine."""
    return min(done / 0.02, 1.0) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def _heard(columns: Ints, style: Ints, place: Tensor) -> Heard:
    parts = torch.from_numpy(columns).unbind(-1)
    shape = (len(columns), len(style), len(STYLES))
    one = F.one_hot(torch.from_numpy(style), len(STYLES)).float().expand(shape)
    return Heard(*parts, style=one, place=place[:, torch.from_numpy(style)])


def _loss(
    lines: Lines, heard: Heard, said: NDArray[np.int64], state: tuple[Tensor, Tensor] | None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Nats a frame, both parts together."""
    logits, (h, c) = lines(heard, state)
    target = torch.from_numpy(np.ascontiguousarray(said))
    each = F.cross_entropy(logits.flatten(0, 2), target.flatten(), reduction="none")
    return each.reshape(-1, 2).sum(-1).mean(), (h.detach(), c.detach())
