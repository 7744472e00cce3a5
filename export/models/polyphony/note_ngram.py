"""Note n-gram: each key by itself, given its own last n - 1 frames (paper 000, table 1).

It is counted, not trained, and its likelihood is exact. A longer context is smoothed by the shorter
one (MacKay & Peto 1995), with `strength` a:

    P(on | context) = (ons + a P(on | context less its oldest frame)) / (times + a)

A context is a number: a leading one, then a bit a frame, the newest last; 1 is the head of a piece,
without a frame before it. Conventions: T frames, B rows, N = 2^order contexts, order = n.
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
    """Length of the n-gram."""

    order: int = 6
    """n: the key's last n - 1 frames are its context."""


class NoteNgram(Exact):
    """The n-gram; its state [B, 88] is each key's context less 1, zero at the head of a piece."""

    Config = NoteNgramConfig
    config: NoteNgramConfig

    def __init__(self, config: NoteNgramConfig) -> None:
        super().__init__(config, KEYS)
        self.odds = nn.Parameter(torch.zeros(KEYS, 2**config.order))
        """Log-odds of each key after each context [88, N]; context 0 is not used."""

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        context, nats = state.long() + 1, []  # int64 [B, 88]
        keys = torch.arange(KEYS, device=v.device)
        for frame, there in zip(v, mask, strict=True):  # [B, 88], bool [B]
            nats.append(torch.where(there, independent(frame, self.odds[keys, context]), 0.0))
            after = shortened(2 * context + frame.long(), self.config.order)
            context = torch.where(there[:, None], after, context)
        return torch.stack(nats), (context - 1).to(v.dtype)


def shortened(context: Tensor, order: int) -> Tensor:
    """Return contexts of at most `order` frames, less their oldest one where they have `order`."""
    leading = 2 ** (order - 1)
    return torch.where(context >= 2 * leading, context % leading + leading, context)


def counted(train: Sequence[Frames], order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how often each context of each key occurred, and how often the key then sounded.

    Both are int64 [88, N].
    """
    times, ons = (np.zeros((KEYS, 2**order), np.int64) for _ in range(2))
    keys = np.arange(KEYS)
    for roll in train:
        for length in range(order):
            context = _contexts(roll, length)
            after = roll[length:]
            np.add.at(times, (keys, context), 1)
            np.add.at(ons, (keys, context), after)
    return times, ons


def _contexts(roll: Frames, length: int) -> NDArray[np.int64]:
    """Return the context of this length before each frame from `length` on: [T - length, 88]."""
    context = np.ones((max(len(roll) - length, 0), KEYS), np.int64)
    for i in range(length):
        context = 2 * context + roll[i : i + len(context)]
    return context


def smoothed(
    times: NDArray[np.int64], ons: NDArray[np.int64], strength: float
) -> NDArray[np.float64]:
    """Return P(on | context) [88, N] from counts [88, N]."""
    shares = np.zeros(times.shape)
    # A key that never sounded must not be impossible.
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
    """Return the n-gram that predicts `valid` best, of all orders and strengths, and its nats.

    The nats are per frame of `valid`.
    """
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
    """Return the nats per frame of the rolls."""
    keys, total = np.arange(KEYS), 0.0
    for roll in rolls:
        for length in range(order):
            # Only the head of the piece has a context shorter than the longest.
            part = roll if length == order - 1 else roll[: length + 1]
            p, after = shares[keys, _contexts(part, length)], part[length:]
            total += float(np.log(np.where(after, p, 1 - p)).sum())
    return total / sum(map(len, rolls))
