"""The leaning of tunes beyond their place in the voice: a log-linear model with the voice as base.

The probability that the voice gives to a class is read off by raising that class: if c nats are
added to class i, and another one is forced, its log-probability falls by ln(1 + p_i (e^c - 1)).

Conventions: n events, C classes of a head; nats.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.learning.place import Place, contexts, outline_of, row_of
from stream.compose.melody.leaning import (
    COLUMNS,
    DURATIONS,
    ENDS,
    LENGTHS,
    OCTAVES,
    PITCHES,
    ROWS,
    SIZE,
    WIDTH,
    Leaning,
    packed,
    rows_of,
    unpacked,
)
from stream.compose.melody.vocabulary import START
from stream.compose.step import Point, Step
from stream.compose.tunes.tune import Melody

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RAISED: Final = 3.0
"""Nats that are added to the class whose probability is read."""
PRIOR: Final = 10.0
"""Precision of the normal prior of each number around 0."""
SWEEPS: Final = 40
MOST_EVENTS: Final = 6000
"""Events that are read, from tunes evenly spread."""
LEAST_GAIN: Final = 0.005
"""Bits by which a leaning must help held-out tunes, or it is left out."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The events as one head sees them."""

    base: Floats
    """Logits of the voice [n, C], up to a constant."""
    classes: Ints
    """Class [n] of each event."""
    rows: tuple[Ints, ...]
    """Row [n] of each event in each of the three parts of the table."""


def learned(step: Step, melodies: Sequence[Melody], place: Place) -> str:
    """Return the leaning of tunes as text; empty if the voice cannot lean, or they do not."""
    if not step.leans:
        return ""
    shares = -(-sum(len(m.tokens) for m in melodies) // MOST_EVENTS)
    read = [_read(step, melody, place) for melody in melodies[::shares]]
    table = np.zeros(SIZE)
    for head in (0, 1):
        own = [one[head] for one in read]
        found = _Head(
            np.concatenate([each.base for each in own]),
            np.concatenate([each.classes for each in own]),
            tuple(np.concatenate([each.rows[i] for each in own]) for i in range(3)),
        )
        begin, end = (0, 3) if head == 0 else (3, 6)
        table[ENDS[begin] : ENDS[end]] = _fitted(found, begin)
    return packed(table)


def _read(step: Step, melody: Melody, place: Place) -> tuple[_Head, _Head]:
    """Return the events of a tune as the heads of pitch class and of duration see them."""
    tokens = melody.tokens.astype(np.int64)
    before = np.concatenate([[START], tokens[:-1]])
    begins = np.cumsum(LENGTHS[before[:, 2]])
    rows = rows_of(before, begins % (12 * melody.bar))
    pitch, duration = _logits(step, melody, place)
    return _Head(pitch, tokens[:, 0], rows[:3]), _Head(duration, tokens[:, 2], rows[3:])


def _logits(step: Step, melody: Melody, place: Place) -> tuple[Floats, Floats]:
    """Return the log-probabilities of all pitch classes [n, 13] and durations [n, 11]."""
    raised = np.zeros((1 + PITCHES + DURATIONS, WIDTH), np.float32)
    columns = [*range(PITCHES), *range(PITCHES + OCTAVES, WIDTH)]
    raised[np.arange(1, len(raised)), columns] = RAISED
    k = len(raised)
    latent = np.repeat(place.latent[None].astype(np.float32), k, 0)
    tags = np.repeat(row_of(step, place, outline_of(melody))[None], k, 0)
    state, still = step.initial().tiled(k), np.zeros((k, step.spec.noise), np.float32)
    found = np.zeros((len(melody.tokens), k))
    given = contexts(melody, len(melody.tokens))
    for now, (token, context) in enumerate(zip(melody.tokens, given, strict=True)):
        point = Point(latent, tags, context=np.repeat(context[None], k, 0), leaning=_Fixed(raised))
        event = step(state, point, still, np.repeat(token[None].astype(np.int64), k, 0))
        state, found[now] = event.state, event.log_prob
    fallen = np.maximum(found[:, :1] - found[:, 1:], 0)
    p = np.expm1(fallen) / math.expm1(RAISED)
    tokens = melody.tokens.astype(np.int64)
    return _filled(p[:, :PITCHES], tokens[:, 0]), _filled(p[:, PITCHES:], tokens[:, 2])


def _filled(p: Floats, own: Ints) -> Floats:
    """Return log-probabilities [n, C]; that of the event's `own` class [n] is what is left."""
    events = np.arange(len(p))
    p[events, own] = 0
    p[events, own] = np.maximum(1 - p.sum(1), 1e-6)
    return np.asarray(np.log(np.maximum(p, 1e-7)))


class _Fixed(Leaning):
    """Nats [K, WIDTH] that are the same at each event."""

    def __init__(self, nats: NDArray[np.float32]) -> None:
        super().__init__(nats, 1)

    def at(self, token: Ints, position: Ints) -> NDArray[np.float32]:
        del token, position
        return self.table


def _fitted(head: _Head, first: int) -> Floats:
    """Return the numbers of a head's parts, the most likely ones under the prior.

    Steps follow the diagonal of the Hessian, with momentum; all numbers are updated together.
    """
    shapes = [(ROWS[first + i], COLUMNS[first + i]) for i in range(3)]
    parts, speeds = ([np.zeros(shape) for shape in shapes] for _ in range(2))
    target = np.eye(shapes[0][1])[head.classes]
    for _ in range(SWEEPS):
        logits = head.base + sum(part[rows] for part, rows in zip(parts, head.rows, strict=True))
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        for i, rows in enumerate(head.rows):
            slope, curve = PRIOR * parts[i], np.full_like(parts[i], PRIOR)
            np.add.at(slope, rows, p - target)
            np.add.at(curve, rows, p * (1 - p))
            speeds[i] = 0.5 * speeds[i] - 0.35 * slope / curve
        parts = [part + speed for part, speed in zip(parts, speeds, strict=True)]
    return np.concatenate([part.ravel() for part in parts])


def bits(step: Step, melodies: Sequence[Melody], place: Place, leaning: str) -> float:
    """Return the mean bits of an event of tunes at a place with a leaning."""
    table = unpacked(leaning)
    total = events = 0.0
    for melody in melodies:
        found = _nats(step, melody, place, table)
        total += found / -math.log(2)
        events += len(melody.tokens)
    return total / max(events, 1)


def _nats(step: Step, melody: Melody, place: Place, table: NDArray[np.float32] | None) -> float:
    latent = place.latent[None].astype(np.float32)
    tags = row_of(step, place, outline_of(melody))[None]
    leaning = None if table is None else Leaning(table, 12 * melody.bar)
    state, still = step.initial(), np.zeros((1, step.spec.noise), np.float32)
    total = 0.0
    for token, context in _events(melody):
        point = Point(latent, tags, context=context, leaning=leaning)
        event = step(state, point, still, token)
        state = event.state
        total += float(event.log_prob[0])
    return total


def _events(melody: Melody) -> Iterator[tuple[Ints, NDArray[np.float32]]]:
    given = contexts(melody, len(melody.tokens))
    for token, context in zip(melody.tokens, given, strict=True):
        yield token[None].astype(np.int64), context[None]


def helps(step: Step, melodies: Sequence[Melody], place: Place, leaning: str) -> bool:
    """Return True if the tunes need fewer bits with a leaning."""
    if not leaning:
        return False
    without, leant = (bits(step, melodies, place, each) for each in ("", leaning))
    return leant < without - LEAST_GAIN
