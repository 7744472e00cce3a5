"""Predictions of the next segment by counting alone: n-grams and PPM.

The context of order n is the n - 1 segments before.
- *Add-c*, of one order alone: p(v | context) = (count(v) + c) / (N + c C) (paper 001).
- *Witten-Bell*: all orders interpolated (`export.models.ngram`).
- *PPM*: likewise with update exclusion and a discount as escape (`export.models.ppm`); its
  short-term half, of the tune so far, is multiplied in where the whole tune is known.

Conventions: C classes; E events; M contexts to predict from, each a row of segments, the newest
last; a prediction is float64 [M, C], every row of it a distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from export.models.ngram import Floats, witten_bell
from export.models.ppm import escape, so_far
from export.papers.melody_lstm.segments import PITCHES, Ints

BEFORE: Final = PITCHES
"""Class of the segments before a tune."""
BASE: Final = PITCHES + 1


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one order."""

    contexts: Ints
    """Numbers of the contexts that occurred [U], ascending."""
    counts: Floats
    """Counts of the classes after each context [U, C]."""

    def __call__(self, asked: Ints) -> Floats:
        """Return counts [M, C] after contexts of these numbers [M]; zeros after an unknown one."""
        at = np.searchsorted(self.contexts, asked).clip(max=len(self.contexts) - 1)
        return self.counts[at] * (self.contexts[at] == asked)[:, None]


def number(contexts: Ints, order: int) -> Ints:
    """Return the number [M] of the last `order` - 1 segments of contexts [M, >= order - 1]."""
    found = np.zeros(len(contexts), np.int64)
    for lag in range(1, order):
        found = found * BASE + contexts[:, -lag]
    return found


def heads(rows: Sequence[Ints], order: int) -> tuple[Ints, Ints]:
    """Return the `order` - 1 segments [E, order - 1] before every segment, and the segment [E]."""
    padded = [np.concatenate([np.full(order - 1, BEFORE), row]) for row in rows]
    found = np.concatenate([np.lib.stride_tricks.sliding_window_view(p, order) for p in padded])
    return found[:, :-1], found[:, -1]


def tables(rows: Sequence[Ints], order: int) -> list[Table]:
    """Return counts of the tunes for orders 1 to `order`."""
    contexts, symbols = heads(rows, order)
    return [table(number(contexts, n), symbols) for n in range(1, order + 1)]


def exclusive_tables(rows: Sequence[Ints], order: int) -> list[Table]:
    """Return counts with update exclusion, for orders 1 to `order`.

    A class that is known after a longer context is not counted again after a shorter one.
    """
    contexts, symbols = heads(rows, order)
    found = []
    for n in range(1, order):
        longer = number(contexts, n + 1) * BASE + symbols
        first = np.unique(longer, return_index=True)[1]
        found.append(table(number(contexts[first], n), symbols[first]))
    return [*found, table(number(contexts, order), symbols)]


def table(numbers: Ints, symbols: Ints, classes: int = PITCHES) -> Table:
    """Count the symbols [E] after contexts of these numbers [E]."""
    seen, row = np.unique(numbers, return_inverse=True)
    counted = np.bincount(row * classes + symbols, minlength=len(seen) * classes)
    return Table(seen, counted.reshape(-1, classes).astype(np.float64))


def add_c(known: Table, order: int, c: float, contexts: Ints) -> Floats:
    """Return the n-gram of paper 001: (count + c) / (N + c C)."""
    counts = known(number(contexts, order))
    return np.asarray((counts + c) / (counts.sum(1, keepdims=True) + c * PITCHES))


def interpolated(
    found: Sequence[Table], smoothing: Callable[[Floats, Floats], Floats], contexts: Ints
) -> Floats:
    """Return the prediction of all orders together; order 0 is uniform."""
    lowest = np.full((len(contexts), PITCHES), 1 / PITCHES)
    counts = (known(number(contexts, n)) for n, known in enumerate(found, 1))
    *_, highest = accumulate(counts, smoothing, initial=lowest)
    return highest


def witten_bell_of(rows: Sequence[Ints], order: int) -> Callable[[Ints], Floats]:
    """Return the Witten-Bell n-gram of the tunes."""
    found = tables(rows, order)
    return lambda contexts: interpolated(found, witten_bell, contexts)


def ppm_of(rows: Sequence[Ints], order: int) -> Callable[[Ints], Floats]:
    """Return the long-term half of PPM, of the tunes."""
    found = exclusive_tables(rows, order)
    return lambda contexts: interpolated(found, escape, contexts)


def short_term(row: Ints, order: int) -> Floats:
    """Predict each segment of a tune from those before it in the same tune: [T, C]."""
    contexts, symbols = heads([row], order)
    lowest = np.full((len(row), PITCHES), 1 / PITCHES)
    counts = (
        so_far(np.unique(number(contexts, n), return_inverse=True)[1], symbols, PITCHES)
        for n in range(1, order + 1)
    )
    *_, highest = accumulate(counts, witten_bell, initial=lowest)
    return highest


def product(one: Floats, other: Floats) -> Floats:
    """Return the geometric mean of two predictions, scaled to sum to 1 (Pearce & Wiggins 2004).

    p(x) = sqrt(p_1(x) p_2(x)) / sum_y sqrt(p_1(y) p_2(y))
    """
    mean = np.sqrt(one * other)
    return np.asarray(mean / mean.sum(1, keepdims=True))
