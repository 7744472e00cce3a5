"""Training of the clock: every form at once, and nothing that should put it off does.

It hears wrong chords and other styles than it was in, and its memory is shaken: what it must never
lose is the place in the twelve bars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.blues.forms import CHORDS, HALVES, STYLES, Ints, form
from export.models.blues.trio import Clock

FORMS = np.stack([[CHORDS.index(int(c)) for c in form(style)] for style in STYLES])
"""[S, 24] indices of chords."""


@dataclass(frozen=True, slots=True)
class Shaking:
    """How hard the clock is tried."""

    iterations: int = 1500
    rows: int = 32
    choruses: int = 4
    rate: float = 1e-2
    wrong: float = 0.1
    """Share of the chords that it hears which are others."""
    switches: float = 0.04
    """Share of the half bars with which another style begins."""
    noise: float = 0.2
    """Standard deviation of what is added to its memory, a few times a chorus."""


def train_clock(clock: Clock, shaking: Shaking, rng: np.random.Generator) -> float:
    """Train in place; the loss of the last iteration, nats a half bar."""
    optimiser = torch.optim.Adam(clock.parameters(), lr=shaking.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, shaking.iterations)
    loss = torch.zeros(())
    for _ in range(shaking.iterations):
        chords, styles = _drawn(shaking, rng)
        loss = _loss(clock, chords, styles, shaking)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(clock.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return loss.item()


def _drawn(shaking: Shaking, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """[N + 1, B] chords and styles of forms that change into each other anywhere."""
    count = shaking.choruses * HALVES + 1
    fresh = rng.integers(len(STYLES), size=(count, shaking.rows))
    switched = rng.random((count, shaking.rows)) < shaking.switches
    switched[0] = True
    last = np.maximum.accumulate(np.where(switched, np.arange(count)[:, None], 0), 0)
    styles = np.take_along_axis(fresh, last, 0)
    return FORMS[styles, np.arange(count)[:, None] % HALVES], styles


def _loss(clock: Clock, chords: Ints, styles: Ints, shaking: Shaking) -> Tensor:
    """Nats a half bar. A chord is of the style that the half bar before it was in."""
    target = torch.from_numpy(FORMS[styles[:-1], np.arange(1, len(styles))[:, None] % HALVES])
    style = F.one_hot(torch.from_numpy(styles), len(STYLES)).float()
    heard = torch.from_numpy(chords[:-1])
    wrong = torch.rand(heard.shape) < shaking.wrong
    heard = torch.where(wrong, torch.randint(len(CHORDS), heard.shape), heard)
    first = clock.logits(torch.zeros(*heard.shape[1:], clock.cells), style[0])
    losses = [F.cross_entropy(first, torch.from_numpy(chords[0]))[None]]
    state, begin = None, 0
    while begin < len(heard):
        end = min(begin + int(torch.randint(3, 13, ())), len(heard))
        place, state = clock(heard[begin:end], style[begin:end], state)
        logits = clock.logits(place, style[begin:end])
        each = F.cross_entropy(logits.flatten(0, 1), target[begin:end].flatten(), reduction="none")
        losses.append(each)
        h, c = state
        state = (
            (h + shaking.noise * torch.randn_like(h)).clamp(-1, 1),
            c + shaking.noise * torch.randn_like(c),
        )
        begin = end
    return torch.cat(losses).mean()


@torch.no_grad()
def chart(clock: Clock, styles: Ints) -> Ints:
    """[N, B] chords that it plays by itself under `styles` [N, B]."""
    style = F.one_hot(torch.from_numpy(styles), len(STYLES)).float()
    chord = clock.logits(torch.zeros(styles.shape[1], clock.cells), style[0]).argmax(-1)
    played, state = [chord], None
    for now in style[:-1]:
        place, state = clock(chord[None], now[None], state)
        chord = clock.logits(place[0], now).argmax(-1)
        played.append(chord)
    return np.asarray(torch.stack(played).numpy())


def kept(clock: Clock, choruses: int) -> float:
    """Share of the half bars that are right in free play, each style by itself."""
    styles = np.tile(np.arange(len(STYLES)), (choruses * HALVES, 1))
    return float((chart(clock, styles) == np.tile(FORMS.T, (choruses, 1))).mean())


def switched(clock: Clock) -> float:
    """Share of the half bars that are right two choruses after a change of style, anywhere.

    From every style to every other, at every half bar; the first chord after the change is still
    of the form before.
    """
    pairs = [(a, b, at) for a in range(len(STYLES)) for b in range(len(STYLES))
             for at in range(1, HALVES + 1) if a != b]  # fmt: skip
    before, after, when = (np.array(column) for column in zip(*pairs, strict=True))
    halves = np.arange(4 * HALVES)[:, None]
    styles = np.where(halves < when, before, after)
    late = np.concatenate([styles[:1], styles[:-1]])
    return float((chart(clock, styles) == FORMS[late, halves % HALVES]).mean())
