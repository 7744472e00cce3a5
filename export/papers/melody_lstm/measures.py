"""Three different measures of the prediction of the next segment v_i.

- `log_loss`: -mean_i ln p(v_i | v_<i), in nats.
- `one_step_accuracy`: mean_i [v_i = argmax_v p(v | v_<i)]; equally likely classes share the 1.
- `free_run_match_32`: mean_(i = 33..64) [u_i = v_i], where the model continues by itself after the
  first 32 real segments: u_i is drawn from, or the argmax of, p(. | u_<i).

Paper 001 gives one accuracy without saying which of the last two.
Conventions: M windows, C classes, N tunes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from export.models.ngram import Floats
from export.papers.melody_lstm.segments import WINDOW, Ints

Model = Callable[[Ints], Floats]
"""A function of windows [M, 32] that returns distributions [M, C]."""
BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of a set of windows."""

    log_loss: float
    one_step_accuracy: float
    count: int


def metrics(likely: Floats, came: Ints) -> Metrics:
    """Return the metrics of distributions [M, C] and the targets `came` [M]."""
    rows = np.arange(len(came))
    best = likely.max(1, keepdims=True)
    ties = likely >= best * (1 - 1e-12)
    right = (ties / ties.sum(1, keepdims=True))[rows, came]
    return Metrics(float(-np.log(likely[rows, came]).mean()), float(right.mean()), len(came))


def one_step(model: Model, contexts: Ints, came: Ints) -> Metrics:
    """Return the metrics of a model on windows [M, 32] and targets [M], in batches."""
    parts = [
        metrics(model(contexts[at : at + BATCH]), came[at : at + BATCH])
        for at in range(0, len(came), BATCH)
    ]
    return pooled(parts)


def pooled(parts: Sequence[Metrics]) -> Metrics:
    """Return the mean over all windows of several parts."""
    counts = np.array([part.count for part in parts])
    loss = np.average([part.log_loss for part in parts], weights=counts)
    right = np.average([part.one_step_accuracy for part in parts], weights=counts)
    return Metrics(float(loss), float(right), int(counts.sum()))


def starts(rows: Sequence[Ints]) -> Ints:
    """Return the first 64 segments of the tunes that have as many: [N, 64]."""
    length = 2 * WINDOW
    found = [row[:length] for row in rows if len(row) >= length]
    return np.array(found, np.int64).reshape(-1, length)


def chosen(likely: Floats, noise: Floats | None) -> Ints:
    """Return a class for each row [M], drawn by uniform `noise` [M], or the likeliest one."""
    if noise is None:
        return likely.argmax(1)
    edges = likely.cumsum(1)
    return np.minimum((edges <= noise[:, None] * edges[:, -1:]).sum(1), likely.shape[1] - 1)


def free_run_match(model: Model, stretches: Ints, rng: np.random.Generator | None) -> float:
    """Return the share of the second halves of `stretches` [N, 64] that a free run predicts.

    Segments are sampled by `rng`, or the likeliest ones without it.
    """
    known = stretches[:, :WINDOW]
    for _ in range(WINDOW):
        noise = None if rng is None else rng.random(len(known))
        new = chosen(model(known[:, -WINDOW:]), noise)
        known = np.concatenate([known, new[:, None]], 1)
    return float((known[:, WINDOW:] == stretches[:, WINDOW:]).mean())
