"""Strict thresholds in place of a classifier (paper 002, section 4).

A rule is a lower or upper threshold of a feature; a melody passes if it satisfies all rules. They
are found greedily: of all thresholds that cost few good melodies (`LOSSES`) each step takes the one
that removes most bad melodies for each good one it loses. With g, b the good and bad melodies that
pass, g', b' those that pass with the threshold,

    gain = ln(b / b') / (ln(g / g') + EFFORT)

Steps are taken until the passed part of a validation set is precise enough, or the next step would
leave too few good melodies. The algorithm is the project's own.

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
"""Shares of the good melodies outside of the candidate thresholds."""
PRECISION = 0.99
"""Share of good melodies among those that pass at which the steps end."""
RECALL = 0.4
"""Smallest share of good melodies that pass: one of sixteen candidates must."""
EFFORT = 0.02
"""Cost of a step beside the good melodies it loses: few selective rules are better than many."""
FEW = 10
"""Largest number of features."""
MOST = 40
"""Largest number of steps; a step may tighten a rule of an earlier one."""


@dataclass(frozen=True, slots=True)
class Labeled:
    """Features of melodies with their labels, good or bad."""

    values: Floats
    """Features [n, F]."""
    good: Bools
    """Labels [n]."""

    def part(self, which: Bools) -> Labeled:
        """Return the melodies for which `which` [n] is true."""
        return Labeled(self.values[which], self.good[which])

    def passing(self, bounds: Bounds) -> Bools:
        """Return which melodies satisfy all rules: bool [n]."""
        passing = np.ones(len(self.good), bool)
        for name, (low, high) in bounds.items():
            column = self.values[:, FEATURES.index(name)]
            passing &= ~((column < low) | (column > high))
        return passing


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of a filter on a set with as many good as bad melodies."""

    recall: float
    """Share of the good melodies that pass."""
    escaped: float
    """Share of the bad melodies that pass."""

    @property
    def precision(self) -> float:
        """Share of good melodies among those that pass; 1 if none passes."""
        passed = self.recall + self.escaped
        return self.recall / passed if passed else 1.0


def quality(passed: Bools, good: Bools) -> Quality:
    """Return the quality of a filter that lets `passed` [n] through."""
    return Quality(_mean(passed[good]), _mean(passed[~good]))


def _mean(values: Bools) -> float:
    return float(values.mean()) if len(values) else 0.0


def steps(fit: Labeled, most: int = MOST) -> list[dict[str, tuple[float, float]]]:
    """Return the bounds after each greedy step, from the loosest to the strictest."""
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
    fit: Labeled, valid: Labeled, precision: float = PRECISION, recall: float = RECALL
) -> dict[str, tuple[float, float]]:
    """Return the bounds of the first step that reaches `precision` on the validation set.

    If none does, those of the last step that lets `recall` of the good melodies of both sets pass;
    empty without such a step.
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
    """Return the bounds of each style, `OPEN` for features that only other styles bound.

    Then styles can be blended feature by feature.
    """
    names = [name for name in FEATURES if any(name in bounds for bounds in styles.values())]
    return {
        style: {name: bounds.get(name, OPEN) for name in names} for style, bounds in styles.items()
    }


Threshold = tuple[str, int, float]
"""Feature; 0 for a lower bound, 1 for an upper one; value."""


def _candidates(fit: Labeled) -> list[tuple[Threshold, Bools]]:
    """Return every candidate threshold, and which melodies pass it."""
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


def _best(fit: Labeled, passing: Bools, tried: list[tuple[Threshold, Bools]]) -> Threshold | None:
    """Return the threshold of the largest gain; None if none removes a bad melody."""
    good, bad = passing & fit.good, passing & ~fit.good
    if not bad.any():
        return None
    left = np.array([(int((k & good).sum()), int((k & bad).sum())) for _, k in tried])
    # Relative to the melodies that still pass, so that late steps may gain as much as early ones.
    lost = -np.log(np.maximum(left[:, 0], 0.5) / good.sum())
    removed = -np.log(np.maximum(left[:, 1], 0.5) / bad.sum())
    rate = removed / (lost + EFFORT)
    best = int(rate.argmax())
    return tried[best][0] if rate[best] > 0 else None
