"""Areas under the curve with intervals, and differences between two of them.

An area is the share of pairs, of an excerpt of a composed tune and a real one, in which the trees
find the composed one the less real. Whole tunes are resampled, real and composed ones; the trees
are not trained anew. Two systems whose tunes have the same numbers are resampled together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensemble import two_sample
from benchmarks.ensemble.two_sample import Sample
from benchmarks.music.real.realism_table import filled, many_features
from benchmarks.support import resampling
from benchmarks.support.resampling import Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of composed and real excerpts, summed by tune: C composed tunes, R real ones."""

    won: Floats
    """Pairs [C, R] that the trees order rightly, ties as half; means over divisions into folds."""
    all: Floats
    """Pairs [C, R]."""
    composed: NDArray[np.int64]
    """Number of each composed tune [C]."""
    real: NDArray[np.int64]
    """Group of each real tune [R]."""

    @property
    def area(self) -> float:
        return float(self.won.sum() / self.all.sum())

    def resampled(self) -> Floats:
        """Return the areas [DRAWS] of resampled tunes."""
        composed, real = resampling.weights(self.composed), resampling.weights(self.real, 1)
        won = ((composed @ self.won) * real).sum(1)
        every = ((composed @ self.all) * real).sum(1)
        return np.asarray(won / every)


def pairs(real: Sample, composed: Sample, seeds: int) -> Pairs:
    """Return the pairs of two samples, judged by trees that saw neither tune."""
    kept, made = filled(real), filled(composed)
    count = len(kept.groups)
    won = np.zeros((len(made.groups), count))
    for seed in range(seeds):
        found = two_sample.judged(kept, made, seed, many_features)
        score = found.scores(found.features)
        mine, theirs = score[count:, None], score[None, :count]
        won += ((mine > theirs) + 0.5 * (mine == theirs)) / seeds
    rows, columns = (np.unique(groups) for groups in (made.groups, kept.groups))
    by_row = (made.groups == rows[:, None]).astype(np.float64)
    by_column = (kept.groups == columns[:, None]).astype(np.float64)
    return Pairs(
        by_row @ won @ by_column.T,
        by_row.sum(1)[:, None] * by_column.sum(1),
        rows.astype(np.int64),
        columns.astype(np.int64),
    )


def area(found: Pairs) -> Interval:
    """Return the area with its interval."""
    return resampling.interval(found.area, found.resampled())


def difference(found: Pairs, base: Pairs) -> Interval:
    """Return the area less that of the base, with the interval of the difference."""
    drawn = found.resampled() - base.resampled()
    return resampling.interval(found.area - base.area, drawn)
