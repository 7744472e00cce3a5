"""A model of a person who plays with the stream: it counts what was played in the session.

The pitch of the next event is predicted by its register and pitch class, refined by the pitches
before it, and in equal parts by the intervals before it, so that a motif is known from any pitch;
its duration by the durations before it. Counts of each order are interpolated with those of the
next lower one (Witten & Bell 1991, method C), and those of older events decay.

Voice and person are mixed: p = (1 - w) p_voice + w p_person, with w at most `MOST`, so that no
event loses more than -ln(1 - w) nats.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.vocabulary import REST, REST_OCTAVE, SIZES, Token

MOST: Final = 0.3
"""Largest weight of the person, chosen with solos and folk tunes that are not measured."""
FEW: Final = 24
"""Events of a session after which the person has half of that weight."""
HALF_LIFE: Final = 256
"""Later events after which an event counts half."""
PITCHES: Final = 12 * REST_OCTAVE
"""Pitches that tokens can name; the symbol of a rest is one past them."""
ORDER: Final = 3
"""Events before the next one that are taken into account."""
NARROWEST: Final = 3.0
"""Least standard deviation of the register, in semitones."""
STEPS: Final = 0.5
"""Count of each pitch class before anything was played."""
LENGTHS: Final = 0.3
"""Count of each class of durations before anything was played."""

Context = tuple[Hashable, ...]
Counts = defaultdict[Context, defaultdict[int, float]]


class Person:
    """A person, by the events that were played so far, in order."""

    def __init__(self, events: Sequence[Token]) -> None:
        self._size = len(events)
        self._pitches, self._lengths = _table(), _table()
        self._base = _register(events)
        ages = np.arange(len(events))[::-1]
        weights = (0.5 ** (ages / HALF_LIFE)).tolist()
        for i, (event, weight) in enumerate(zip(events, weights, strict=True)):
            for context, symbol in _pitch_contexts(events[max(i - ORDER, 0) : i], event):
                self._pitches[context][symbol] += weight
            for length in _length_contexts(events[max(i - ORDER, 0) : i], event):
                self._lengths[length][event[2]] += weight

    @property
    def share(self) -> float:
        """Return the weight of the person in the mixture: 0 without events, below `MOST`."""
        return MOST * self._size / (self._size + FEW)

    def probability(self, before: Sequence[Token], event: Token) -> float:
        """Return how likely the event is to follow the events `before` it, by the person alone."""
        before = before[-ORDER:]
        floor = float(self._base[_symbol(event)])
        found = {"pitch": floor, "interval": floor}
        for context, symbol in _pitch_contexts(before, event):
            kind = str(context[0])
            found[kind] = _refined(self._pitches.get(context), symbol, found[kind])
        length = 1 / SIZES[2]
        for context in _length_contexts(before, event):
            length = _refined(self._lengths.get(context), event[2], length, LENGTHS * SIZES[2])
        return (found["pitch"] + found["interval"]) / 2 * length

    def gain(self, before: Sequence[Token], event: Token, log_prob: float) -> float:
        """Return the nats that the mixture adds to the voice's `log_prob` of an event."""
        ratio = self.probability(before, event) * math.exp(min(-log_prob, 50.0))
        return math.log(1 - self.share + self.share * ratio)


def _table() -> Counts:
    return defaultdict(lambda: defaultdict(float))


def _refined(
    counts: defaultdict[int, float] | None, symbol: int, lower: float, prior: float = 0.0
) -> float:
    """Return the probability of a symbol by counts, and by the next lower order."""
    if not counts:
        return lower
    types = prior or len(counts)
    return (counts.get(symbol, 0.0) + types * lower) / (sum(counts.values()) + types)


def _symbol(event: Token) -> int:
    """Return the pitch of an event from 0; `PITCHES` for a rest."""
    return PITCHES if event[0] == REST else event[0] + 12 * event[1]


def _pitch_contexts(before: Sequence[Token], event: Token) -> Iterator[tuple[Context, int]]:
    """Yield each context of the pitch of an event, from the shortest on, and its symbol in it."""
    symbols = [_symbol(each) for each in before]
    symbol = _symbol(event)
    for order in range(1, len(symbols) + 1):
        yield ("pitch", *symbols[-order:]), symbol
    notes = [each for each in symbols if each < PITCHES]
    if notes:
        interval = symbol - notes[-1] if symbol < PITCHES else PITCHES
        intervals = [b - a for a, b in pairwise(notes)]
        for order in range(len(intervals) + 1):
            yield ("interval", *intervals[len(intervals) - order :]), interval


def _length_contexts(before: Sequence[Token], event: Token) -> Iterator[Context]:
    """Yield each context of the duration of an event, from the shortest on."""
    lengths = [each[2] for each in before]
    for order in range(len(lengths) + 1):
        yield event[0] == REST, *lengths[len(lengths) - order :]


def _register(events: Sequence[Token]) -> NDArray[np.float64]:
    """Return the probability [PITCHES + 1] of each pitch, by register and class, and of a rest."""
    symbols = np.array([_symbol(event) for event in events], np.int64)
    notes = symbols[symbols < PITCHES]
    mean = notes.mean() if len(notes) else PITCHES / 2
    width = max(notes.std() if len(notes) else 2 * NARROWEST, NARROWEST) + 1
    near = np.exp(-0.5 * ((np.arange(PITCHES) - mean) / width) ** 2) + 1e-4
    classes = np.bincount(notes % 12, minlength=12) + STEPS
    shares = near * classes[np.arange(PITCHES) % 12]
    rests = (len(symbols) - len(notes) + 1) / (len(symbols) + 4)
    return np.asarray(np.append(shares / shares.sum() * (1 - rests), rests), np.float64)
