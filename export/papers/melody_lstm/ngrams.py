"""What counting alone knows of the next segment, from the segments before it.

An order n knows the n - 1 segments before. Conventions: C classes; M contexts to predict from, each
a row of segments, the newest last; a prediction is [M, C], every row of it a distribution.
- *Add-c*, the poster's: (count + c) / (sum + c C), of one order alone.
- *Witten-Bell*: all orders interpolated (`export.models.ngram`).
- *PPM*: likewise with update exclusion and a discount as escape (`export.models.ppm`); with what
  the tune has done so far, its short-term half, multiplied in where the whole tune is known.
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
"""Stands for the segments before a tune."""
BASE: Final = PITCHES + 1
LONGEST: Final = 12
"""Order: a longer context would not fit into a whole number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one order."""

    contexts: Ints
    """Numbers of those that were seen [U], rising."""
    counts: Floats
    """[U, C]"""

    def __call__(self, wanted: Ints) -> Floats:
        """Counts [M, C] after contexts of these numbers [M]; zeros after an unknown one."""
        at = np.searchsorted(self.contexts, wanted).clip(max=len(self.contexts) - 1)
        return self.counts[at] * (self.contexts[at] == wanted)[:, None]


def number(contexts: Ints, order: int) -> Ints:
    """The number [M] of the last `order` - 1 segments of each context [M, at least as many]."""
    found = np.zeros(len(contexts), np.int64)
    for lag in range(1, order):
        found = found * BASE + contexts[:, -lag]
    return found


def heads(rows: Sequence[Ints], order: int) -> tuple[Ints, Ints]:
    """The `order` - 1 segments [E, order - 1] before every segment of some tunes, and it [E]."""
    padded = [np.concatenate([np.full(order - 1, BEFORE), row]) for row in rows]
    found = np.concatenate([np.lib.stride_tricks.sliding_window_view(p, order) for p in padded])
    return found[:, :-1], found[:, -1]


def tables(rows: Sequence[Ints], order: int) -> list[Table]:
    """Counts of the tunes for orders 1 to `order`."""
    contexts, symbols = heads(rows, order)
    return [table(number(contexts, n), symbols) for n in range(1, order + 1)]


def exclusive_tables(rows: Sequence[Ints], order: int) -> list[Table]:
    """The same with update exclusion: what a longer context has told is not counted again."""
    contexts, symbols = heads(rows, order)
    found = []
    for n in range(1, order):
        longer = number(contexts, n + 1) * BASE + symbols
        first = np.unique(longer, return_index=True)[1]
        found.append(table(number(contexts[first], n), symbols[first]))
    return [*found, table(number(contexts, order), symbols)]


def table(numbers: Ints, symbols: Ints, classes: int = PITCHES) -> Table:
    """Which symbols [E] came after contexts of these numbers [E]."""
    seen, row = np.unique(numbers, return_inverse=True)
    counted = np.bincount(row * classes + symbols, minlength=len(seen) * classes)
    return Table(seen, counted.reshape(-1, classes).astype(np.float64))


def add_c(known: Table, order: int, c: float, contexts: Ints) -> Floats:
    """The poster's n-gram."""
    counts = known(number(contexts, order))
    return np.asarray((counts + c) / (counts.sum(1, keepdims=True) + c * PITCHES))


def interpolated(
    found: Sequence[Table], smoothing: Callable[[Floats, Floats], Floats], contexts: Ints
) -> Floats:
    """All orders together; order 0 gives all classes alike."""
    lowest = np.full((len(contexts), PITCHES), 1 / PITCHES)
    counts = (known(number(contexts, n)) for n, known in enumerate(found, 1))
    *_, highest = accumulate(counts, smoothing, initial=lowest)
    return highest


def witten_bell_of(rows: Sequence[Ints], order: int) -> Callable[[Ints], Floats]:
    """The n-gram that has learnt the tunes."""
    found = tables(rows, order)
    return lambda contexts: interpolated(found, witten_bell, contexts)


def ppm_of(rows: Sequence[Ints], order: int) -> Callable[[Ints], Floats]:
    """The long-term half of PPM that has learnt the tunes."""
    found = exclusive_tables(rows, order)
    return lambda contexts: interpolated(found, escape, contexts)


def short_term(row: Ints, order: int) -> Floats:
    """[T, C]: each segment of a tune as those before it in the same tune predict it."""
    contexts, symbols = heads([row], order)
    lowest = np.full((len(row), PITCHES), 1 / PITCHES)
    counts = (
        so_far(np.unique(number(contexts, n), return_inverse=True)[1], symbols, PITCHES)
        for n in range(1, order + 1)
    )
    *_, highest = accumulate(counts, witten_bell, initial=lowest)
    return highest


def product(one: Floats, other: Floats) -> Floats:
    """The geometric mean of two predictions, scaled to sum to 1 (Pearce & Wiggins 2004)."""
    mean = np.sqrt(one * other)
    return np.asarray(mean / mean.sum(1, keepdims=True))
