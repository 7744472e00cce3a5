"""Prediction by partial matching: a variable-order model that also learns from the tune it hears.

The longest known context speaks first and escapes to shorter ones (Cleary & Witten 1984, "Data
compression using adaptive coding and partial string matching"). Of the variants, the ones that
predicted the validation sets of the project's corpora best:

- Update exclusion (Moffat 1990, "Implementing the PPM data compression scheme"): an event that was
  known after a longer context is not counted again after a shorter one.
- The escape takes a fixed `DISCOUNT` of each count, as method D takes a half, and is interpolated
  (Pearce & Wiggins 2004, "Improved methods for statistical modelling of monophonic music").
- Long and short term: what the training set says, and what the tune so far says, each a model of
  its own, to be multiplied (ibid., `ngram.product`). The short-term one escapes by method C and
  counts all.

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


def long_term(learnt: Tunes, heard: Tunes, order: int = ORDER) -> Prediction:
    """The events of `heard` as the tunes of `learnt` predict them; nothing is learnt on the way."""
    both = learnt + heard
    return tuple(
        interpolated(
            exclusive_counts(both, len(learnt), head, order), escape, uniform(heard.tokens, head)
        )[-1]
        for head in HEADS
    )


def short_term(heard: Tunes, order: int = ORDER) -> Prediction:
    """Each event as the events before it in its own tune predict it."""
    own = dataclasses.replace(heard, kind=heard.tune)
    return tuple(
        interpolated(
            (so_far(c, own.tokens[:, head], SIZES[head]) for c in contexts(own, head, order)),
            witten_bell,
            uniform(own.tokens, head),
        )[-1]
        for head in HEADS
    )


def escape(lower: Floats, counts: Floats) -> Floats:
    """Each class gives `DISCOUNT` of its count to the shorter contexts."""
    total, types = counts.sum(1, keepdims=True), (counts > 0).sum(1, keepdims=True)
    given = np.where(total, DISCOUNT * types, 1)
    kept = np.maximum(counts - DISCOUNT, 0)
    return np.asarray((kept + given * lower) / np.where(total, total, 1))


def exclusive_counts(both: Tunes, new: int, head: int, order: int) -> Iterator[Floats]:
    """Counts with update exclusion, shortest context first, for the events from `new` on."""
    symbols, size = both.tokens[:new, head], SIZES[head]
    numbers = list(contexts(both, head, order))
    for context, longer in pairwise(numbers):
        first = np.unique(longer[:new] * size + symbols, return_index=True)[1]
        yield counts(context[first], symbols[first], size, context[new:])
    yield counts(numbers[-1][:new], symbols, size, numbers[-1][new:])


def so_far(context: Ints, symbols: Ints, size: int) -> Floats:
    """[E, C]: how often each class followed the context of an event before that event."""
    order = np.argsort(context, kind="stable")
    ordered, happened = context[order], np.eye(size)[symbols[order]]
    before = np.cumsum(happened, 0) - happened
    start = np.searchsorted(ordered, ordered)
    table = np.empty_like(before)
    table[order] = before - before[start]
    return table
