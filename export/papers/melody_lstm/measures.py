"""How well the next segment is told: three measures that are not to be mixed up.

- `log_loss`: nats, the mean of -ln p of the segment that came, given those before it.
- `one_step_accuracy`: how often the likeliest class is the one that came, given those before it.
  Where several are equally likely, each counts its share.
- `free_run_match_32`: the share of 32 segments that agree with the tune, where the model goes on
  by itself after the first 32 real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from export.models.ngram import Floats
from export.papers.melody_lstm.segments import WINDOW, Ints

Model = Callable[[Ints], Floats]
"""From windows [M, 32] to distributions [M, C]."""
BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class Told:
    """Measured on a set of windows."""

    log_loss: float
    one_step_accuracy: float
    count: int


def told(likely: Floats, came: Ints) -> Told:
    """Of distributions [M, C] and what came [M]."""
    rows = np.arange(len(came))
    best = likely.max(1, keepdims=True)
    ties = likely >= best * (1 - 1e-12)
    right = (ties / ties.sum(1, keepdims=True))[rows, came]
    return Told(float(-np.log(likely[rows, came]).mean()), float(right.mean()), len(came))


def one_step(model: Model, contexts: Ints, came: Ints) -> Told:
    """Of a model, in batches."""
    parts = [
        told(model(contexts[at : at + BATCH]), came[at : at + BATCH])
        for at in range(0, len(came), BATCH)
    ]
    return together(parts)


def together(parts: Sequence[Told]) -> Told:
    """The mean over all that was told in parts."""
    counts = np.array([part.count for part in parts])
    loss = np.average([part.log_loss for part in parts], weights=counts)
    right = np.average([part.one_step_accuracy for part in parts], weights=counts)
    return Told(float(loss), float(right), int(counts.sum()))


def starts(rows: Sequence[Ints]) -> Ints:
    """[N, 64]: how those tunes begin that are long enough."""
    length = 2 * WINDOW
    found = [row[:length] for row in rows if len(row) >= length]
    return np.array(found, np.int64).reshape(-1, length)


def chosen(likely: Floats, noise: Floats | None) -> Ints:
    """A class for each row: drawn by `noise` [M] within 0 and 1, or the likeliest without it."""
    if noise is None:
        return likely.argmax(1)
    edges = likely.cumsum(1)
    return np.minimum((edges <= noise[:, None] * edges[:, -1:]).sum(1), likely.shape[1] - 1)


def free_run_match(model: Model, stretches: Ints, rng: np.random.Generator | None) -> float:
    """The share of the second half that the model finds by itself, sampled where there is `rng`."""
    known = stretches[:, :WINDOW]
    for _ in range(WINDOW):
        noise = None if rng is None else rng.random(len(known))
        new = chosen(model(known[:, -WINDOW:]), noise)
        known = np.concatenate([known, new[:, None]], 1)
    return float((known[:, WINDOW:] == stretches[:, WINDOW:]).mean())
