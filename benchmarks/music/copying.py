"""Runs of notes that tunes share: with a corpus, with each other, with themselves.

A run of n is n (interval, duration) pairs in a row, hashed as in `stream.compose.filter.note_runs`,
but kept whole, 64 bits each: no Bloom filter and so no chance hits. Melodies are pitch [n] and
length [n] in twelfths of a unit, rests left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter import note_runs
from stream.compose.filter.bloom import Keys
from stream.compose.filter.entropy import Ints, NoteSeries

SHORTEST, LONGEST = 4, 64
"""Pairs in the runs that are looked for in a corpus."""
GRAMS = (8, 12)
"""Runs that are counted."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What n tunes have in common with a corpus."""

    longest: Ints
    """[n] pairs in the longest run of each tune that the corpus has: 0 where it is below
    `SHORTEST`, `LONGEST` where it is that or more."""
    hits: dict[int, Ints]
    """For runs of so many pairs, how many of each tune [n] the corpus has."""
    counts: dict[int, Ints]
    """For runs of so many pairs, how many each tune [n] has."""

    def part(self, rows: NDArray[np.bool_]) -> Shared:
        """The same of some of the tunes."""
        hits, counts = ({g: of[g][rows] for g in of} for of in (self.hits, self.counts))
        return Shared(self.longest[rows], hits, counts)

    def share(self, run: int) -> float:
        """Share of the runs of so many pairs, of all tunes together, that the corpus has."""
        return float(self.hits[run].sum() / max(self.counts[run].sum(), 1))


@dataclass(slots=True)
class Heard:
    """Every run of so many pairs that was played, and until when."""

    run: int
    until: dict[int, float] = field(default_factory=dict)
    """Seconds, by key."""

    def play(self, melody: NoteSeries, end: float) -> float:
        """When a run of the melody was last heard, in seconds; minus infinity: never before.

        Then the melody itself has been heard, until `end`.
        """
        keys = note_runs.keys(*melody, self.run).tolist()
        last = max((self.until.get(key, -np.inf) for key in keys), default=-np.inf)
        self.until.update(dict.fromkeys(keys, end))
        return last


def shared(melodies: Sequence[NoteSeries], corpus: Sequence[NoteSeries]) -> Shared:
    """The longest runs, and how many runs there are, of each melody that the corpus has too."""
    longest = np.zeros(len(melodies), np.int64)
    hits, counts = dict[int, Ints](), dict[int, Ints]()
    lengths = range(SHORTEST, LONGEST + 1)
    for run, (keys, tune), (known, _) in zip(lengths, _keys(melodies), _keys(corpus), strict=True):
        found = tune[np.isin(keys, known)]
        longest[found] = run
        if run in GRAMS:
            hits[run], counts[run] = (np.bincount(t, minlength=len(longest)) for t in (found, tune))
        if run >= max(GRAMS) and not len(found):
            break
    return Shared(longest, hits, counts)


def returning(melody: NoteSeries, run: int) -> float:
    """Share of the melody's runs that repeat an earlier one: 1 - distinct runs / runs.

    NaN where it has no run of that length.
    """
    keys = note_runs.keys(*melody, run)
    return 1 - len(np.unique(keys)) / len(keys) if len(keys) else float("nan")


def _keys(melodies: Sequence[NoteSeries]) -> Iterator[tuple[Keys, Ints]]:
    """For each length: the keys of all runs of that length, and the tune that each belongs to."""
    sizes = np.array([len(pitch) for pitch, _ in melodies])
    tune = np.repeat(np.arange(len(sizes)), sizes)
    pitch, length = (np.concatenate([m[i] for m in melodies]) for i in range(2))
    for run in range(SHORTEST, LONGEST + 1):
        # A run of n pairs lies within a tune if its n + 1 notes do.
        inside = tune[: max(len(tune) - run, 0)] == tune[run:]
        yield note_runs.keys(pitch, length, run)[inside], tune[run:][inside]
