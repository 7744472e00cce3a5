"""Interpolated n-grams with Witten-Bell smoothing: what counting alone knows of a tune.

An event is predicted as the voices do it: pitch class, then octave, then duration, each given those
before it. The context of order n is what is known of the event, and the n - 1 events before; ahead
of a tune stand start tokens. Smoothing (Witten & Bell 1991, "The zero-frequency problem", method
C): where N events, T different ones, have followed a context,

    p_n(x) = (count(x) + T p_{n-1}(x)) / (N + T),    p_0 uniform over the legal classes.

Conventions: E events, C classes of a head; a prediction is an array [E, C] for each head. Contexts
are numbered over what is learnt and what is heard together, then counted in the former alone.
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
"""[E, C] for each head; every row sums to 1."""

HEADS = range(len(SIZES))
EVENTS = int(np.prod(SIZES))
"""Numbers of events; the one past the last is the start token."""


@dataclass(frozen=True, slots=True)
class Tunes:
    """The events of many tunes in a row."""

    tokens: Ints
    """[E, 3]"""
    tune: Ints
    """[E]: number of the tune. No context reaches into the tune before."""
    kind: Ints
    """[E]: what is learnt of one kind of events is not known of another."""

    def __len__(self) -> int:
        return len(self.tune)

    def __add__(self, other: Tunes) -> Tunes:
        return Tunes(
            np.concatenate([self.tokens, other.tokens]),
            np.concatenate([self.tune, other.tune + self.tune.max() + 1]),
            np.concatenate([self.kind, other.kind]),
        )

    def alike(self) -> Tunes:
        """The same events, all of one kind."""
        return dataclasses.replace(self, kind=np.zeros_like(self.kind))


def in_a_row(tunes: Sequence[NDArray[np.uint8]], kinds: Sequence[int]) -> Tunes:
    """Tunes of [events, 3], each with its kind."""
    lengths = [len(tokens) for tokens in tunes]
    tokens = np.concatenate([np.asarray(tokens, np.int64) for tokens in tunes])
    return Tunes(tokens, np.repeat(np.arange(len(tunes)), lengths), np.repeat(kinds, lengths))


def contexts(tunes: Tunes, head: int, order: int) -> Iterator[Ints]:
    """The number of each event's context [E], for orders 1 to `order`."""
    number = tunes.kind
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


def counts(context: Ints, symbols: Ints, size: int, wanted: Ints) -> Floats:
    """How often each class followed a context: rows [len(wanted), C] of the table of all contexts.

    `context` and `symbols` are those of the events to count; `wanted` numbers contexts.
    """
    rows = 1 + max(context.max(initial=0), wanted.max(initial=0))
    table = np.bincount(context * size + symbols, minlength=rows * size).reshape(rows, size)
    return table[wanted].astype(np.float64)


def uniform(tokens: Ints, head: int) -> Floats:
    """p_0 [E, C]: all classes alike that the heads before allow; rests have their own octave."""
    legal = np.ones((len(tokens), SIZES[head]), bool)
    if head == 1:
        legal = (np.arange(SIZES[1]) == REST_OCTAVE) == (tokens[:, :1] == REST)
    return np.asarray(legal / legal.sum(1, keepdims=True))


def witten_bell(lower: Floats, counts: Floats) -> Floats:
    """p_n of p_{n-1} and the counts of order n; p_{n-1} where the context is new."""
    total, types = counts.sum(1, keepdims=True), (counts > 0).sum(1, keepdims=True)
    return np.asarray(
        (counts + np.where(total, types, 1) * lower) / np.where(total, total + types, 1)
    )


def n_grams(learnt: Tunes, heard: Tunes, order: int) -> list[Prediction]:
    """The events of `heard` as the n-grams of `learnt` predict them, for orders 1 to `order`."""
    both, new = learnt + heard, len(learnt)
    heads = []
    for head in HEADS:
        symbols = learnt.tokens[:, head]
        tables = (
            counts(context[:new], symbols, SIZES[head], context[new:])
            for context in contexts(both, head, order)
        )
        heads.append(interpolated(tables, witten_bell, uniform(heard.tokens, head)))
    return list(zip(*heads, strict=True))


def interpolated(
    tables: Iterator[Floats], smoothing: Callable[[Floats, Floats], Floats], lowest: Floats
) -> list[Floats]:
    """p_1, p_2, ... of the counts of each order; `lowest` is p_0."""
    return list(accumulate(tables, smoothing, initial=lowest))[1:]


def product(one: Prediction, other: Prediction) -> Prediction:
    """The geometric mean of two predictions, scaled to sum to 1 (Pearce & Wiggins 2004)."""
    means = (np.sqrt(a * b) for a, b in zip(one, other, strict=True))
    return tuple(mean / mean.sum(1, keepdims=True) for mean in means)


def bits(prediction: Prediction, tokens: Ints) -> Floats:
    """[E]: -log2 p of each event, its heads together."""
    rows = np.arange(len(tokens))
    likely = [prediction[head][rows, tokens[:, head]] for head in HEADS]
    return np.asarray(-np.log2(likely).sum(0))
