"""Training of the clock: every form at once, against disturbances.

It is given wrong chords and other styles than before, and noise is added to its state: it must
never lose its place in the twelve bars.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from export.blues.forms import CHORDS, HALVES, STYLES, Ints, form
from export.models.blues.trio import Clock
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task
from export.training.trainer import Trainer

FORMS = np.stack([[CHORDS.index(int(c)) for c in form(style)] for style in STYLES])
"""[S, 24] indices of chords."""


@dataclass(frozen=True, slots=True)
class NoiseConfig:
    """Size and noise of the clock's training."""

    iterations: int = 1500
    rows: int = 32
    choruses: int = 4
    wrong: float = 0.1
    """Share of the given chords that are replaced by others."""
    switches: float = 0.04
    """Share of the half bars with which another style begins."""
    noise: float = 0.2
    """Standard deviation of the noise added to the state, a few times a chorus."""

    def plan(self, seed: int) -> Plan:
        """Return the training plan: all iterations in one epoch."""
        return Plan(
            epochs=1, rows=self.rows, rate=1e-2, decay=0.0, seed=seed, warm_up=0.0, last_rate=0.0
        )


class ClockTask(Task[tuple[Ints, Ints]]):
    """The clock, and forms that change into each other anywhere."""

    model: Clock

    def __init__(self, clock: Clock, config: NoiseConfig) -> None:
        self.model, self.config = clock, config

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[tuple[Ints, Ints]]]:
        count = self.config.iterations
        return count, (_drawn(self.config, epoch.rng) for _ in range(count))

    def loss(self, batch: Batch[tuple[Ints, Ints]]) -> Loss:
        mean = _loss(self.model, *batch.content, self.config)
        return Loss(mean, float(mean.detach()), 1)


def train_clock(clock: Clock, config: NoiseConfig, seed: int = 0) -> float:
    """Train in place; return the mean loss, nats per half bar."""
    trainer = Trainer(ClockTask(clock, config), config.plan(seed), report=lambda _: None)
    trainer.fit()
    return trainer.curve[-1]


def _drawn(config: NoiseConfig, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return chords and styles [N + 1, B] of forms that change into each other anywhere."""
    count = config.choruses * HALVES + 1
    fresh = rng.integers(len(STYLES), size=(count, config.rows))
    begins = rng.random((count, config.rows)) < config.switches
    begins[0] = True
    last = np.maximum.accumulate(np.where(begins, np.arange(count)[:, None], 0), 0)
    styles = np.take_along_axis(fresh, last, 0)
    return FORMS[styles, np.arange(count)[:, None] % HALVES], styles


def _loss(clock: Clock, chords: Ints, styles: Ints, config: NoiseConfig) -> Tensor:
    """Return nats per half bar. A chord is of the style that the half bar before it was in.

    L = -mean ln p(chord_t | chords, styles before t), with wrong chords and a noisy state.
    """
    target = torch.from_numpy(FORMS[styles[:-1], np.arange(1, len(styles))[:, None] % HALVES])
    style = F.one_hot(torch.from_numpy(styles), len(STYLES)).float()
    given = torch.from_numpy(chords[:-1])
    wrong = torch.rand(given.shape) < config.wrong
    given = torch.where(wrong, torch.randint(len(CHORDS), given.shape), given)
    first = clock.logits(torch.zeros(*given.shape[1:], clock.cells), style[0])
    losses = [F.cross_entropy(first, torch.from_numpy(chords[0]))[None]]
    state, begin = None, 0
    while begin < len(given):
        end = min(begin + int(torch.randint(3, 13, ())), len(given))
        place, state = clock(given[begin:end], style[begin:end], state)  # [N, B, H]
        logits = clock.logits(place, style[begin:end])  # [N, B, chords]
        each = F.cross_entropy(logits.flatten(0, 1), target[begin:end].flatten(), reduction="none")
        losses.append(each)
        h, c = state
        state = (
            (h + config.noise * torch.randn_like(h)).clamp(-1, 1),
            c + config.noise * torch.randn_like(c),
        )
        begin = end
    return torch.cat(losses).mean()


@torch.no_grad()
def chart(clock: Clock, styles: Ints) -> Ints:
    """Return the chords [N, B] that it plays by itself under `styles` [N, B]."""
    style = F.one_hot(torch.from_numpy(styles), len(STYLES)).float()
    chord = clock.logits(torch.zeros(styles.shape[1], clock.cells), style[0]).argmax(-1)
    played, state = [chord], None
    for now in style[:-1]:
        place, state = clock(chord[None], now[None], state)
        chord = clock.logits(place[0], now).argmax(-1)
        played.append(chord)
    return np.asarray(torch.stack(played).numpy())


def free_play_accuracy(clock: Clock, choruses: int) -> float:
    """Return the share of right half bars in free play, each style by itself."""
    styles = np.tile(np.arange(len(STYLES)), (choruses * HALVES, 1))
    return float((chart(clock, styles) == np.tile(FORMS.T, (choruses, 1))).mean())


def accuracy_after_changes(clock: Clock) -> float:
    """Return the share of right half bars over four choruses with a change of style anywhere.

    Changes go from every style to every other, at every half bar; the first chord after a change
    is still of the form before.
    """
    pairs = [(a, b, at) for a in range(len(STYLES)) for b in range(len(STYLES))
             for at in range(1, HALVES + 1) if a != b]  # fmt: skip
    before, after, when = (np.array(column) for column in zip(*pairs, strict=True))
    halves = np.arange(4 * HALVES)[:, None]
    styles = np.where(halves < when, before, after)
    late = np.concatenate([styles[:1], styles[:-1]])
    return float((chart(clock, styles) == FORMS[late, halves % HALVES]).mean())
