"""Runs of notes that tunes share: with a corpus, with each other, with themselves.

A run of n is n (interval, duration) pairs in a row, hashed as in `stream.compose.filter.note_runs`,
but all 64 bits are stored: without a Bloom filter there are no chance hits. Melodies are pitch [n]
and length [n] in twelfths of a unit; rests are left out.
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
"""Lengths of the runs that are searched in a corpus, in pairs."""
GRAMS = (8, 12)
"""Lengths of the runs that are counted, in pairs."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The runs that n tunes share with a corpus."""

    longest: Ints
    """Pairs in the longest shared run of each tune, [n]; 0 below `SHORTEST`, at most `LONGEST`."""
    hits: dict[int, Ints]
    """Numbers of each tune's runs that the corpus has, [n], by pairs in a run."""
    counts: dict[int, Ints]
    """Numbers of each tune's runs, [n], by pairs in a run."""

    def part(self, rows: NDArray[np.bool_]) -> Shared:
        """Return the same for some of the tunes."""
        hits, counts = ({g: of[g][rows] for g in of} for of in (self.hits, self.counts))
        return Shared(self.longest[rows], hits, counts)

    def share(self, run: int) -> float:
        """Return the share of all tunes' runs of so many pairs that the corpus has."""
        return float(self.hits[run].sum() / max(self.counts[run].sum(), 1))


@dataclass(slots=True)
class PlayedRuns:
    """The runs of so many pairs that were played, with the time of their end."""

    run: int
    until: dict[int, float] = field(default_factory=dict)
    """Seconds from the start of the stream, by key."""

    def play(self, melody: NoteSeries, end: float) -> float:
        """Return when a run of the melody was last played (s), or minus infinity.

        Then add the melody itself, which ends at `end`.
        """
        keys = note_runs.keys(*melody, self.run).tolist()
        last = max((self.until.get(key, -np.inf) for key in keys), default=-np.inf)
        self.until.update(dict.fromkeys(keys, end))
        return last


def shared(melodies: Sequence[NoteSeries], corpus: Sequence[NoteSeries]) -> Shared:
    """Return the runs that each melody shares with the corpus."""
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
    """Return the share of the melody's runs that repeat an earlier one: 1 - distinct runs / runs.

    Return NaN if it has no run of that length.
    """
    keys = note_runs.keys(*melody, run)
    return 1 - len(np.unique(keys)) / len(keys) if len(keys) else float("nan")


def _keys(melodies: Sequence[NoteSeries]) -> Iterator[tuple[Keys, Ints]]:
    """Yield the keys of all runs of each length, and the tune of each run."""
    sizes = np.array([len(pitch) for pitch, _ in melodies])
    tune = np.repeat(np.arange(len(sizes)), sizes)
    pitch, length = (np.concatenate([m[i] for m in melodies]) for i in range(2))
    for run in range(SHORTEST, LONGEST + 1):
        # A run of n pairs lies within a tune if its n + 1 notes do.
        inside = tune[: max(len(tune) - run, 0)] == tune[run:]
        yield note_runs.keys(pitch, length, run)[inside], tune[run:][inside]
