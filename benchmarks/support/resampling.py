"""95 % intervals by resampling groups, such as pieces with all their excerpts (Efron 1979).

Each group is drawn as often as a Poisson number of mean 1 says, which its own number decides: so
two systems that are measured on the same groups are drawn together, and what they share cancels
out in a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
BOUNDS = (2.5, 97.5)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"95 % {self.low:.3f} to {self.high:.3f}"

    @property
    def without_zero(self) -> bool:
        """Return True if 0 lies outside."""
        return self.low > 0 or self.high < 0


def weights(groups: Ints, seed: int = 0) -> Floats:
    """Return how often each of `groups` [n] is drawn [DRAWS, n]; equal numbers are drawn alike."""
    names, inverse = np.unique(groups, return_inverse=True)
    rows = [np.random.default_rng([seed, int(n) % 2**32]).poisson(1.0, DRAWS) for n in names]
    return np.array(rows, np.float64)[inverse].T


def interval(value: float, drawn: Floats) -> Interval:
    """Return a value with the middle 95 % of the draws [DRAWS]; those that are NaN do not count."""
    low, high = np.nanpercentile(drawn, BOUNDS)
    return Interval(value, float(low), float(high))


def mean(values: Floats, groups: Ints) -> Interval:
    """Return the mean of values [n] with its interval, by the group of each."""
    drawn = weights(groups)
    return interval(float(values.mean()), drawn @ values / drawn.sum(1))
