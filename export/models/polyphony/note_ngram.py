"""Note n-gram: each key by itself, given its own last n - 1 frames.

Counted, not trained. A longer context falls back on the shorter one: with `strength` a,
P(on | context) = (ons + a P(on | context less its oldest frame)) / (times + a). Exact.

A context is a number: a leading one, then a bit a frame, the newest last; 1 is the head of a piece,
where nothing has been heard. Conventions: B rows, N = 2^order contexts, order = n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.models.polyphony.sigmoid_rnn import independent

LONGEST = 10
STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

Frames = NDArray[np.bool_]


@dataclass(frozen=True)
class NoteNgramConfig(FrameConfig):
    """Its length."""

    order: int = 6
    """n: the key's last n - 1 frames are heard."""


class NoteNgram(Exact):
    """State [B, 88]: each key's context, less 1, so that zero is the head of a piece."""

    Config = NoteNgramConfig
    config: NoteNgramConfig

    def __init__(self, config: NoteNgramConfig) -> None:
        super().__init__(config, KEYS)
        self.odds = nn.Parameter(torch.zeros(KEYS, 2**config.order))
        """Log-odds of each key after each context; the first context is none."""

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        context, nats = state.long() + 1, []
        keys = torch.arange(KEYS, device=v.device)
        for frame, there in zip(v, mask, strict=True):
            nats.append(torch.where(there, independent(frame, self.odds[keys, context]), 0.0))
            after = shortened(2 * context + frame.long(), self.config.order)
            context = torch.where(there[:, None], after, context)
        return torch.stack(nats), (context - 1).to(v.dtype)


def shortened(context: Tensor, order: int) -> Tensor:
    """Contexts of at most `order` frames less their oldest, where they have as many."""
    kept = 2 ** (order - 1)
    return torch.where(context >= 2 * kept, context % kept + kept, context)


def counted(train: Sequence[Frames], order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often each key followed each context, and how often it then sounded: [88, N] each."""
    times, ons = (np.zeros((KEYS, 2**order), np.int64) for _ in range(2))
    keys = np.arange(KEYS)
    for roll in train:
        for length in range(order):
            heard = _contexts(roll, length)
            after = roll[length:]
            np.add.at(times, (keys, heard), 1)
            np.add.at(ons, (keys, heard), after)
    return times, ons


def _contexts(roll: Frames, length: int) -> NDArray[np.int64]:
    """The context of this length before each frame that has as many before it [T - length, 88]."""
    heard = np.ones((max(len(roll) - length, 0), KEYS), np.int64)
    for i in range(length):
        heard = 2 * heard + roll[i : i + len(heard)]
    return heard


def smoothed(
    times: NDArray[np.int64], ons: NDArray[np.int64], strength: float
) -> NDArray[np.float64]:
    """P(on | context) [88, N]."""
    shares = np.zeros(times.shape)
    # Two keys that were never heard must not be impossible.
    shares[:, 1] = (ons[:, 1] + 0.5) / (times[:, 1] + 1)
    begin = 2
    while begin < times.shape[1]:
        level = slice(begin, 2 * begin)
        shorter = np.arange(begin) % (begin // 2) + begin // 2
        prior = strength * shares[:, shorter]
        shares[:, level] = (ons[:, level] + prior) / (times[:, level] + strength)
        begin *= 2
    return shares


def fit(
    train: Sequence[Frames], valid: Sequence[Frames], sets: tuple[str, ...] = ()
) -> tuple[NoteNgram, float]:
    """The n-gram whose order and strength suit `valid` best, and its nats per frame there."""
    times, ons = counted(train, LONGEST)
    found = []
    for strength in STRENGTHS:
        shares = smoothed(times, ons, strength)
        found += [(_nats(shares, valid, n), n, strength) for n in range(1, LONGEST + 1)]
    nats, order, strength = max(found)
    model = NoteNgram(NoteNgramConfig(sets, order))
    shares = smoothed(times, ons, strength)[:, : 2**order]
    shares[:, 0] = 0.5
    with torch.no_grad():
        model.odds.copy_(torch.from_numpy(np.log(shares) - np.log1p(-shares)))
    return model.eval(), nats


def _nats(shares: NDArray[np.float64], rolls: Sequence[Frames], order: int) -> float:
    """Nats per frame of the rolls."""
    keys, total = np.arange(KEYS), 0.0
    for roll in rolls:
        for length in range(order):
            # Only the head of the piece has a context shorter than the longest.
            part = roll if length == order - 1 else roll[: length + 1]
            p, after = shares[keys, _contexts(part, length)], part[length:]
            total += float(np.log(np.where(after, p, 1 - p)).sum())
    return total / sum(map(len, rolls))
