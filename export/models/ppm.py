"""Prediction by partial matching: a variable-order model that also learns from the test tune.

The longest known context predicts first and escapes to shorter ones (Cleary & Witten 1984, "Data
compression using adaptive coding and partial string matching"). These variants predicted the
validation sets of the project's corpora best:

- Update exclusion (Moffat 1990, "Implementing the PPM data compression scheme"): an event that was
  known after a longer context is not counted again after a shorter one.
- Interpolated smoothing (Pearce & Wiggins 2004, "Improved methods for statistical modelling of
  monophonic music") with an escape that takes a fixed `DISCOUNT` D of each count, as method D takes
  a half, where N events, T different ones, have followed a context:
  p_n(x) = (max(count(x) - D, 0) + D T p_(n-1)(x)) / N.
- A long-term and a short-term model (ibid.): one of the training set and one of the tune so far, to
  be multiplied (`ngram.product`). The short-term one escapes by method C and counts everything.

Conventions as in `export.models.ngram`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from export.models.ngram import (
    HEADS,
    Floats,
    Ints,
    Prediction,
    Tunes,
    contexts,
    counts,
    interpolated,
    uniform,
    witten_bell,
)
from stream.compose.melody.vocabulary import SIZES

ORDER = 12
DISCOUNT = 0.95


def long_term(train: Tunes, test: Tunes, order: int = ORDER) -> Prediction:
    """Predict the events of `test` from the tunes of `train`, which stay the only ones counted."""
    both = train + test
    return tuple(
        interpolated(
            exclusive_counts(both, len(train), head, order), escape, uniform(test.tokens, head)
        )[-1]
        for head in HEADS
    )


def short_term(test: Tunes, order: int = ORDER) -> Prediction:
    """Predict each event from the events before it in its own tune."""
    own = dataclasses.replace(test, kind=test.tune)
    return tuple(
        interpolated(
            (so_far(c, own.tokens[:, head], SIZES[head]) for c in contexts(own, head, order)),
            witten_bell,
            uniform(own.tokens, head),
        )[-1]
        for head in HEADS
    )


def escape(lower: Floats, counts: Floats) -> Floats:
    """Return p_n = (max(count - D, 0) + D T p_(n-1)) / N; p_(n-1) where the context is new."""
    total, types = counts.sum(1, keepdims=True), (counts > 0).sum(1, keepdims=True)
    escaped = np.where(total, DISCOUNT * types, 1)
    discounted = np.maximum(counts - DISCOUNT, 0)
    return np.asarray((discounted + escaped * lower) / np.where(total, total, 1))


def exclusive_counts(both: Tunes, new: int, head: int, order: int) -> Iterator[Floats]:
    """Yield counts [E, C] with update exclusion, shortest context first, for events from `new` on.

    An event counts after a context only the first time that it follows the next longer one.
    """
    symbols, size = both.tokens[:new, head], SIZES[head]
    numbers = list(contexts(both, head, order))
    for context, longer in pairwise(numbers):
        first = np.unique(longer[:new] * size + symbols, return_index=True)[1]
        yield counts(context[first], symbols[first], size, context[new:])
    yield counts(numbers[-1][:new], symbols, size, numbers[-1][new:])


def so_far(context: Ints, symbols: Ints, size: int) -> Floats:
    """Return how often each class followed each event's context before that event: [E, C]."""
    order = np.argsort(context, kind="stable")
    ordered, happened = context[order], np.eye(size)[symbols[order]]
    before = np.cumsum(happened, 0) - happened
    start = np.searchsorted(ordered, ordered)
    table = np.empty_like(before)
    table[order] = before - before[start]
    return table
