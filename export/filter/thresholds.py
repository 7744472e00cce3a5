"""Hand-built thresholds in place of a classifier, made strict (paper 002, section 4).

A rule keeps a feature above or below a threshold; a melody passes that keeps all rules. They are
found greedily: of all thresholds that cost few good melodies (`LOSSES`) each step takes the one
that removes most of the bad melodies that still pass for each good one it loses. Steps are taken
until the passed set of a validation set is precise enough, or the next step would leave too few
good melodies.

Conventions: n melodies, F features; values float64 [n, F], NaN where a feature has no value, which
passes every rule; precision with good and bad melodies in equal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.entropy import FEATURES, OPEN

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bounds = Mapping[str, tuple[float, float]]

LOSSES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
"""Shares of the good melodies outside a threshold that is tried."""
PRECISION = 0.99
"""Share of good ones among the melodies that pass."""
RECALL = 0.4
"""Share of the good melodies that pass at least: of sixteen candidates one must."""
EFFORT = 0.02
"""What a step costs beside the good melodies it loses: few thorough rules are better than many."""
FEW = 10
"""Features at most."""
MOST = 40
"""Steps at most; a step may tighten a rule of an earlier one."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Melodies by their features, good or bad."""

    values: Floats
    """[n, F]"""
    good: Bools
    """[n]"""

    def part(self, which: Bools) -> Labelled:
        """Those `which` [n] is true for."""
        return Labelled(self.values[which], self.good[which])

    def passing(self, bounds: Bounds) -> Bools:
        """[n]: which keep all rules."""
        kept = np.ones(len(self.good), bool)
        for name, (low, high) in bounds.items():
            column = self.values[:, FEATURES.index(name)]
            kept &= ~((column < low) | (column > high))
        return kept


@dataclass(frozen=True, slots=True)
class Quality:
    """What a filter does to a set with as many good as bad melodies."""

    recall: float
    """Share of the good ones that pass."""
    escaped: float
    """Share of the bad ones that pass."""

    @property
    def precision(self) -> float:
        """Share of good ones among those that pass; 1 where none does."""
        passed = self.recall + self.escaped
        return self.recall / passed if passed else 1.0


def quality(passed: Bools, good: Bools) -> Quality:
    """Of a filter that lets `passed` [n] through."""
    return Quality(_mean(passed[good]), _mean(passed[~good]))


def _mean(values: Bools) -> float:
    return float(values.mean()) if len(values) else 0.0


def steps(fit: Labelled, most: int = MOST) -> list[dict[str, tuple[float, float]]]:
    """The bounds after each greedy step, from the loosest to the strictest."""
    tried = _candidates(fit)
    bounds: dict[str, tuple[float, float]] = {}
    found = []
    passing = np.ones(len(fit.good), bool)
    for _ in range(most):
        if len(bounds) == FEW:
            tried = [t for t in tried if t[0][0] in bounds]
        best = _best(fit, passing, tried)
        if best is None:
            break
        name, side, value = best
        low, high = bounds.get(name, OPEN)
        bounds = bounds | {name: (max(low, value), high) if side == 0 else (low, min(high, value))}
        passing = fit.passing(bounds)
        found.append(bounds)
    return found


def strict(
    fit: Labelled, valid: Labelled, precision: float = PRECISION, recall: float = RECALL
) -> dict[str, tuple[float, float]]:
    """Bounds of the first step that is precise on the validation set.

    Where none is, of the last step that lets `recall` of the good melodies of both sets pass; empty
    where no step does.
    """
    best: dict[str, tuple[float, float]] = {}
    for bounds in steps(fit):
        fitted, found = (quality(part.passing(bounds), part.good) for part in (fit, valid))
        if min(fitted.recall, found.recall) < recall:
            break
        best = bounds
        if found.precision >= precision:
            break
    return best


def aligned(styles: Mapping[str, Bounds]) -> dict[str, dict[str, tuple[float, float]]]:
    """The bounds of each style, `OPEN` for features that only other styles have bounds for.

    So styles can be blended feature by feature.
    """
    names = [name for name in FEATURES if any(name in bounds for bounds in styles.values())]
    return {
        style: {name: bounds.get(name, OPEN) for name in names} for style, bounds in styles.items()
    }


Threshold = tuple[str, int, float]
"""Feature, 0 for a lower bound and 1 for an upper one, value."""


def _candidates(fit: Labelled) -> list[tuple[Threshold, Bools]]:
    """Every threshold that is tried, and which melodies it keeps."""
    found = []
    for i, name in enumerate(FEATURES):
        column = fit.values[:, i]
        real = column[fit.good & ~np.isnan(column)]
        if not real.size:
            continue
        for side, shares in ((0, LOSSES), (1, [1 - s for s in LOSSES])):
            for value in sorted({round(float(v), 3) for v in np.quantile(real, shares)}):
                out = column < value if side == 0 else column > value
                if out.any():
                    found.append(((name, side, value), ~out))
    return found


def _best(fit: Labelled, passing: Bools, tried: list[tuple[Threshold, Bools]]) -> Threshold | None:
    """The threshold that removes most bad melodies for each good one."""
    good, bad = passing & fit.good, passing & ~fit.good
    if not bad.any():
        return None
    kept = np.array([(int((k & good).sum()), int((k & bad).sum())) for _, k in tried])
    # Both in proportion to what still passes: a step may be worth as much late as early.
    lost = -np.log(np.maximum(kept[:, 0], 0.5) / good.sum())
    removed = -np.log(np.maximum(kept[:, 1], 0.5) / bad.sum())
    rate = removed / (lost + EFFORT)
    best = int(rate.argmax())
    return tried[best][0] if rate[best] > 0 else None
