"""Controls that must lose: bars shuffled, two bars in a loop, a chain of order 3."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from benchmarks.music.real.neutral import Ints, Neutral, heads

LOOP_BARS = 2
LOOP_NOTES = 3
"""Fewest notes of a loop."""
ORDER = 3
TUNE_NOTES = 200
LOWEST, HIGHEST = 48, 84
FAR = 1_000_000
"""Group of the first tune of a chain: no real tune has it."""


def shuffled(tune: Neutral, rng: np.random.Generator) -> Neutral:
    """Return the tune with its whole bars in random order; the last, broken one stays last."""
    bar = tune.onset // tune.bar
    whole = tune.end // tune.bar
    order = np.concatenate([rng.permutation(whole), np.arange(whole, bar[-1] + 1)])
    place = np.argsort(order)[bar]
    return _in_order(tune, tune.onset + (place - bar) * tune.bar, np.arange(len(tune)))


def looped(tune: Neutral, rng: np.random.Generator) -> Neutral | None:
    """Return two bars of the tune over and over, as long as the tune; None if they hold little."""
    places = heads(tune, LOOP_NOTES)
    if not len(places):
        return None
    begin = int(tune.onset[rng.choice(places)]) // tune.bar * tune.bar
    length = LOOP_BARS * tune.bar
    inside = np.flatnonzero((tune.onset >= begin) & (tune.onset < begin + length))
    if len(inside) < LOOP_NOTES:
        return None
    times = -(-len(tune) // len(inside))
    onset = np.concatenate([tune.onset[inside] - begin + i * length for i in range(times)])
    return _in_order(tune, onset, np.tile(inside, times))


def _in_order(tune: Neutral, onset: Ints, notes: Ints) -> Neutral:
    """Return these notes of the tune at new onsets; none is held beyond the next."""
    order = np.argsort(onset, kind="stable")
    onset, notes = onset[order], notes[order]
    room = np.diff(onset, append=onset[-1] + tune.duration[notes[-1]])
    duration = np.minimum(tune.duration[notes], room)
    return dataclasses.replace(tune, pitch=tune.pitch[notes], onset=onset, duration=duration)


class MarkovChain:
    """A chain of order 3 over interval, duration and time to the next note, by length of bar.

    A context that no training tune has is shortened until one has it.
    """

    def __init__(self, tunes: Sequence[Neutral]) -> None:
        self._tunes = [tune for tune in tunes if tune.unit and len(tune) > ORDER]
        self._next: dict[tuple[object, ...], list[tuple[int, int, int]]] = defaultdict(list)
        for tune in self._tunes:
            symbols = _symbols(tune)
            for i, symbol in enumerate(symbols):
                for k in range(min(i, ORDER) + 1):
                    self._next[(_meter(tune), *symbols[i - k : i])].append(symbol)

    def tune(self, number: int, rng: np.random.Generator) -> Neutral:
        """Return a tune that opens as a training tune does."""
        like = self._tunes[rng.integers(len(self._tunes))]
        symbols, pitch = _symbols(like)[:ORDER], 66
        pitches = [pitch := pitch + step for step, _, _ in symbols]
        while len(symbols) < TUNE_NOTES:
            symbol = self._drawn((_meter(like), *symbols[-ORDER:]), rng)
            moved = pitches[-1] + symbol[0]
            fold = 12 * ((moved < LOWEST) - (moved > HIGHEST))
            symbols.append(symbol)
            pitches.append(moved + int(fold))
        _, duration, step = np.array(symbols).T
        onset = int(like.onset[0]) + np.cumsum(step) - step
        return Neutral(np.array(pitches), onset, duration, like.bar, like.unit, FAR + number)

    def _drawn(self, context: tuple[object, ...], rng: np.random.Generator) -> tuple[int, int, int]:
        while context not in self._next:
            context = (context[0], *context[2:])
        known = self._next[context]
        return known[rng.integers(len(known))]


def _meter(tune: Neutral) -> tuple[int, int]:
    return tune.bar, tune.unit


def _symbols(tune: Neutral) -> list[tuple[int, int, int]]:
    """Return interval, duration and time to the next note of each note; the first interval is 0."""
    columns = np.diff(tune.pitch, prepend=tune.pitch[:1]), tune.duration, tune.steps
    return [(a, b, c) for a, b, c in np.stack(columns, 1).tolist()]
