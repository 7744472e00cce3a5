"""A test of differences between two models: frames in pieces, pieces in sets, models by seed.

Frames of a piece, and models of a seed, are no independent readings. With d[s, f] the difference of
the models of seed s on frame f, the variance of its mean is at most that between the seeds plus
that between the pieces:

    var = var_s(mean_f d) / S + P / (P - 1) sum_p (sum_(f in p) (mean_s d - mean))^2 / F^2

Its degrees of freedom are those of Satterthwaite (1946). Conventions: S seeds, F frames, P pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.polyphony.claims import STUDENT


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference in nats a frame, and how far it can be trusted."""

    mean: float
    variance: float
    """Variance of the mean; infinite if there is one reading only."""
    freedom: float
    """Degrees of freedom of the variance."""

    @property
    def half(self) -> float:
        """Half the width of the 95 % interval; Student's t of the whole degrees of freedom."""
        points = STUDENT[min(max(int(self.freedom), 1) + 1, max(STUDENT))]
        return points * math.sqrt(self.variance)

    @property
    def verdict(self) -> str:
        if abs(self.mean) <= self.half:
            return "undecided"
        return "holds" if self.mean > 0 else "the other way round"


def of_set(d: NDArray[np.float64], piece: NDArray[np.int64]) -> Difference:
    """Return the difference on one set from `d` [S, F], frame f being of piece `piece[f]`."""
    mean = float(d.mean())
    numbers = np.unique(piece)
    sums = np.array([(d.mean(0) - mean)[piece == number].sum() for number in numbers])
    by_piece = _unbiased(float((sums**2).sum()) / d.shape[1] ** 2, len(numbers))
    by_seed = float(d.mean(1).var(ddof=1)) / len(d) if len(d) > 1 else math.inf
    return _combined(mean, [(by_seed, len(d) - 1), (by_piece, len(numbers) - 1)])


def _unbiased(variance: float, count: int) -> float:
    return variance * count / (count - 1) if count > 1 else math.inf


def of_these_sets(found: Sequence[Difference]) -> Difference:
    """Return the mean difference of these very sets."""
    n = len(found)
    parts = [(each.variance / n**2, each.freedom) for each in found]
    return _combined(float(np.mean([each.mean for each in found])), parts)


def of_such_sets(found: Sequence[Difference]) -> Difference:
    """Return the mean difference of sets such as these, of which they are a sample."""
    means = np.array([each.mean for each in found])
    if len(means) < 2:
        return Difference(float(means.mean()), math.inf, 1.0)
    return Difference(float(means.mean()), float(means.var(ddof=1)) / len(means), len(means) - 1.0)


def _combined(mean: float, parts: Sequence[tuple[float, float]]) -> Difference:
    """Return the difference whose variance is the sum of these, each with its freedom."""
    whole = sum(variance for variance, _ in parts)
    if not math.isfinite(whole):
        return Difference(mean, math.inf, 1.0)
    below = sum(variance**2 / max(freedom, 1.0) for variance, freedom in parts)
    return Difference(mean, whole, whole**2 / below if below else 1.0)
