"""Interpolated n-grams with Witten-Bell smoothing: the baseline of the melody models.

An event is predicted as the voices do it: pitch class, then octave, then duration, each given those
before it. The context of order n is the event's own earlier classes and the n - 1 events before;
start tokens stand ahead of a tune. Smoothing (Witten & Bell 1991, "The zero-frequency problem",
method C), where N events, T different ones, have followed a context:

    p_n(x) = (count(x) + T p_(n-1)(x)) / (N + T),    p_0 uniform over the legal classes.

Conventions: E events, C classes of a head; a prediction is a float64 array [E, C] for each head.
Contexts are numbered over training and test events together, then counted in the former alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.vocabulary import REST, REST_OCTAVE, SIZES

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Prediction = tuple[Floats, ...]
"""Probabilities [E, C] of each head; every row sums to 1."""

HEADS = range(len(SIZES))
EVENTS = int(np.prod(SIZES))
"""Number of different events; the number past the last event is the start token."""


@dataclass(frozen=True, slots=True)
class Tunes:
    """The events of many tunes, one after the other."""

    tokens: Ints
    """Classes of each event [E, 3]."""
    tune: Ints
    """Number of each event's tune [E]. No context reaches into the tune before."""
    kind: Ints
    """Kind of each event [E]. Counts of one kind are not used for another."""

    def __len__(self) -> int:
        return len(self.tune)

    def __add__(self, other: Tunes) -> Tunes:
        return Tunes(
            np.concatenate([self.tokens, other.tokens]),
            np.concatenate([self.tune, other.tune + self.tune.max() + 1]),
            np.concatenate([self.kind, other.kind]),
        )

    def alike(self) -> Tunes:
        """Return the same events, all of one kind."""
        return dataclasses.replace(self, kind=np.zeros_like(self.kind))


def in_a_row(tunes: Sequence[NDArray[np.uint8]], kinds: Sequence[int]) -> Tunes:
    """Return arrays of events [events, 3], each with its kind, as `Tunes`."""
    lengths = [len(tokens) for tokens in tunes]
    tokens = np.concatenate([np.asarray(tokens, np.int64) for tokens in tunes])
    return Tunes(tokens, np.repeat(np.arange(len(tunes)), lengths), np.repeat(kinds, lengths))


def contexts(tunes: Tunes, head: int, order: int) -> Iterator[Ints]:
    """Yield the number of each event's context, int64 [E], for orders 1 to `order`."""
    number = tunes.kind  # [E]
    for known in range(head):
        number = number * SIZES[known] + tunes.tokens[:, known]
    event = np.ravel_multi_index(tuple(tunes.tokens.T), SIZES)
    for lag in range(order):
        if lag:
            same = tunes.tune[lag:] == tunes.tune[:-lag]
            before = np.full(len(tunes), EVENTS)
            before[lag:] = np.where(same, event[:-lag], EVENTS)
            number = number * (EVENTS + 1) + before
        number = np.unique(number, return_inverse=True)[1]
        yield number


def counts(context: Ints, symbols: Ints, size: int, queries: Ints) -> Floats:
    """Return how often each class followed the contexts `queries` [R]: float64 [R, C].

    `context` and `symbols` [E] are the contexts and the classes of the events to count; C = `size`.
    """
    rows = 1 + max(context.max(initial=0), queries.max(initial=0))
    table = np.bincount(context * size + symbols, minlength=rows * size).reshape(rows, size)
    return table[queries].astype(np.float64)


def uniform(tokens: Ints, head: int) -> Floats:
    """Return p_0 [E, C], uniform over the classes that the earlier heads allow.

    Rests have an octave of their own.
    """
    legal = np.ones((len(tokens), SIZES[head]), bool)
    if head == 1:
        legal = (np.arange(SIZES[1]) == REST_OCTAVE) == (tokens[:, :1] == REST)
    return np.asarray(legal / legal.sum(1, keepdims=True))


def witten_bell(lower: Floats, counts: Floats) -> Floats:
    """Return p_n from p_(n-1) and the counts of order n, all [E, C].

    p_n = (count + T p_(n-1)) / (N + T); p_(n-1) where the context is new.
    """
    total, types = counts.sum(1, keepdims=True), (counts > 0).sum(1, keepdims=True)
    return np.asarray(
        (counts + np.where(total, types, 1) * lower) / np.where(total, total + types, 1)
    )


def n_grams(train: Tunes, test: Tunes, order: int) -> list[Prediction]:
    """Return predictions of the events of `test` by n-grams of `train`, for orders 1 to `order`."""
    both, new = train + test, len(train)
    heads = []
    for head in HEADS:
        symbols = train.tokens[:, head]
        tables = (
            counts(context[:new], symbols, SIZES[head], context[new:])
            for context in contexts(both, head, order)
        )
        heads.append(interpolated(tables, witten_bell, uniform(test.tokens, head)))
    return list(zip(*heads, strict=True))


def interpolated(
    tables: Iterator[Floats], smoothing: Callable[[Floats, Floats], Floats], lowest: Floats
) -> list[Floats]:
    """Return p_1, p_2, ... from the counts of each order, shortest first; `lowest` is p_0."""
    return list(accumulate(tables, smoothing, initial=lowest))[1:]


def product(one: Prediction, other: Prediction) -> Prediction:
    """Return the geometric mean of two predictions (Pearce & Wiggins 2004).

    p(x) = sqrt(p_1(x) p_2(x)) / sum_y sqrt(p_1(y) p_2(y))
    """
    means = (np.sqrt(a * b) for a, b in zip(one, other, strict=True))
    return tuple(mean / mean.sum(1, keepdims=True) for mean in means)


def bits(prediction: Prediction, tokens: Ints) -> Floats:
    """Return -log2 p of each event [E], summed over its heads."""
    rows = np.arange(len(tokens))
    likely = [prediction[head][rows, tokens[:, head]] for head in HEADS]
    return np.asarray(-np.log2(likely).sum(0))
