"""Bits of each note under chains that interpolate contexts of every length.

P_k(x | h) = (c(h, x) + t(h) P_{k-1}(x | h')) / (n(h) + t(h)), where n counts the context, t its
distinct successors, and P_{-1} is uniform (Witten & Bell 1991, method C).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.real.neutral import Ints, Neutral
from stream.compose.melody.vocabulary import TWELFTHS

WIDEST = 12
"""Widest interval in semitones; wider ones count as this."""
INTERVALS, DURATIONS = 2 * WIDEST + 1, 2 * len(TWELFTHS)
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]


def intervals(tune: Neutral) -> Ints:
    """Return the class of the interval to each note but the first [n - 1]."""
    return np.asarray(np.clip(np.diff(tune.pitch), -WIDEST, WIDEST) + WIDEST)


def durations(tune: Neutral) -> Ints:
    """Return the class of duration of each note but the first [n - 1]; odd before a rest."""
    twelfths = tune.duration[1:] * 12 / tune.unit
    nearest = np.abs(np.log(twelfths[:, None] / np.array(TWELFTHS))).argmin(1)
    return np.asarray(2 * nearest + (tune.steps > tune.duration)[1:])


def both(tune: Neutral) -> Ints:
    """Return the class of interval and duration of each note but the first [n - 1]."""
    return intervals(tune) * DURATIONS + durations(tune)


VIEWS = {
    "interval": (intervals, INTERVALS, 5),
    "duration": (durations, DURATIONS, 5),
    "interval and duration": (both, INTERVALS * DURATIONS, 3),
}
"""Symbols of a tune, number of symbols and longest context, by name."""


@dataclass(frozen=True, slots=True)
class Order:
    """The contexts of one length, with their counts."""

    contexts: Keys
    totals: Ints
    kinds: Ints
    """Distinct successors of each context."""
    pairs: Keys
    """Context and successor."""
    counts: Ints

    @classmethod
    def counted(cls, contexts: Keys, symbols: Ints) -> Order:
        pairs, first, counts = np.unique(
            _joined(contexts, symbols), return_index=True, return_counts=True
        )
        known, place, totals = np.unique(contexts, return_inverse=True, return_counts=True)
        return cls(known, totals, np.bincount(place[first], minlength=len(known)), pairs, counts)

    def refined(self, chance: Floats, contexts: Keys, symbols: Ints) -> Floats:
        """Return the probability of each symbol, given the one in the next shorter context."""
        total = _found(self.contexts, self.totals, contexts)
        kinds = _found(self.contexts, self.kinds, contexts)
        count = _found(self.pairs, self.counts, _joined(contexts, symbols))
        weighed = (count + kinds * chance) / np.maximum(total + kinds, 1)
        return np.where(total > 0, weighed, chance)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of symbols with contexts of 0 to k symbols."""

    orders: tuple[Order, ...]
    classes: int

    @classmethod
    def counted(cls, rows: Sequence[Ints], classes: int, order: int) -> Chain:
        """Return the chain of rows of symbols."""
        symbols = np.concatenate(rows)
        place = np.concatenate([np.arange(len(row)) for row in rows])
        return cls(
            tuple(
                Order.counted(_contexts(symbols, place, k)[place >= k], symbols[place >= k])
                for k in range(order + 1)
            ),
            classes,
        )

    def bits(self, rows: Ints) -> Floats:
        """Return the bits of each symbol [N, n] of rows [N, n]."""
        symbols = rows.ravel()
        place = np.tile(np.arange(rows.shape[1]), len(rows))
        chance = np.full(len(symbols), 1 / self.classes)
        for k, order in enumerate(self.orders):
            known = place >= k
            finer = order.refined(chance, _contexts(symbols, place, k), symbols)
            chance = np.where(known, finer, chance)
        return np.asarray(-np.log2(chance).reshape(rows.shape))


Chains = dict[str, Chain]
"""The chain of each of `VIEWS`."""


def chains_of(tunes: Sequence[Neutral]) -> Chains:
    """Return the chains of training tunes."""
    return {
        name: Chain.counted([view(tune) for tune in tunes], classes, order)
        for name, (view, classes, order) in VIEWS.items()
    }


def surprises(excerpts: Sequence[Neutral], chains: Chains) -> dict[str, Floats]:
    """Return features of the bits of each excerpt [N], by name; all excerpts are equally long."""
    found: dict[str, Floats] = {}
    for name, chain in chains.items():
        bits = chain.bits(np.array([VIEWS[name][0](e) for e in excerpts]))
        half = bits.shape[1] // 2
        found |= {
            f"surprise: {name}, mean": bits.mean(1),
            f"surprise: {name}, spread": bits.std(1),
            f"surprise: {name}, median": np.median(bits, 1),
            f"surprise: {name}, highest tenth": np.quantile(bits, 0.9, axis=1),
            f"surprise: {name}, second half less first": bits[:, half:].mean(1)
            - bits[:, :half].mean(1),
            f"surprise: {name}, change from note to note": np.abs(np.diff(bits)).mean(1),
        }
    return found


def _contexts(symbols: Ints, place: Ints, length: int) -> Keys:
    """Return the hash of so many symbols before each; meaningless at the head of a row."""
    found = np.zeros(len(symbols), np.uint64)
    for back in range(1, length + 1):
        found = _joined(found, np.where(place >= back, np.roll(symbols, back), 0))
    return found


def _joined(keys: Keys, symbols: Ints) -> Keys:
    found = (keys ^ (symbols.astype(np.uint64) + np.uint64(1))) * MULTIPLIER
    return found ^ (found >> np.uint64(29))


def _found(known: Keys, values: Ints, keys: Keys) -> Ints:
    """Return the value of each key, 0 for unknown ones."""
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], 0)
