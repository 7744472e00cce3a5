"""Bayesian linear regression of stars on features, averaged over all models of few features.

People like tunes for one or two reasons, and thirty ratings cannot tell seventeen weights. So each
model has at most two features, each with a slope or with a slope and a curve, and Zellner's g-prior
with g = n. The Bayes factor of a model with p columns against the one that knows the mean alone is

    BF = (1 + g)^((n - 1 - p) / 2) / (1 + g (1 - R²))^((n - 1) / 2)

(Liang, Paulo, Molina, Clyde and Berger 2008, equation 6). The weights are the means of the models'
weights by their probabilities (Raftery, Madigan and Hoeting 1997), so a doubtful feature has little
weight, and stars at random leave all of it to the mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIZES: Final = (0.25, 0.45, 0.3)
"""Prior probabilities that stars depend on no feature, on one and on two."""
CURVED: Final = 1 / 3
"""Prior probability that a feature of a model has a curve."""
LEAST_SPREAD: Final = 1e-6
"""Least standard deviation of a feature that can have a weight."""
CHANGE: Final = 1 / 20
"""Prior odds of a taste that has changed."""
LEAST: Final = 8
"""Fewest ratings of a taste before or after a change."""
STRIDE: Final = 4
"""Ratings between two places where a taste may have changed."""
RIDGE: Final = 1e-6
"""Share of the variance that is added so that equal columns can be solved for."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """The averaged regression: the weights of each of F features, in stars."""

    center: Floats
    """Mean of each feature [F]."""
    slope: Floats
    """Stars for each unit of a feature [F]."""
    curve: Floats
    """Stars for each squared unit of distance from the center [F]."""
    included: Floats
    """Probability that a feature matters [F]."""
    moved: float
    """Probability that any feature matters."""
    evidence: float
    """Logarithm of the Bayes factor of all models together against the mean alone."""


@dataclass(frozen=True, slots=True)
class _Model:
    """A model: its columns, slopes before curves, and its prior probability."""

    columns: tuple[int, ...]
    prior: float


def fit(values: Floats, stars: Floats) -> Fit:
    """Return the regression of n stars on features [n, F]; the order of the ratings is the same.

    A value that is unknown (NaN) counts as the mean.
    """
    width = values.shape[1]
    known = ~np.isnan(values)
    center = np.nan_to_num(values).sum(0) / np.maximum(known.sum(0), 1)
    offset = np.where(known, np.nan_to_num(values) - center, 0.0)
    spread = offset.std(0)
    usable = spread > LEAST_SPREAD
    unit = np.where(usable, spread, 1.0)
    z = offset / unit
    # A feature of two values has no curve: its square is a line.
    curved = [bool(usable[f]) and len(np.unique(values[known[:, f], f])) > 2 for f in range(width)]
    coefficients, included, evidence = _averaged(
        np.concatenate([z, z**2], 1), stars, list(_models(usable, curved))
    )
    return Fit(
        center,
        coefficients[:width] / unit,
        coefficients[width:] / unit**2,
        np.maximum(included[:width], included[width:]),
        1.0 - SIZES[0] * float(np.exp(-max(evidence, np.log(SIZES[0])))),
        evidence,
    )


def _models(usable: NDArray[np.bool_], curved: Sequence[bool]) -> Iterator[_Model]:
    """Yield all models but the one without features."""
    width = len(curved)
    numbers = [f for f in range(width) if usable[f]]
    forms = {
        f: [((f,), 1 - CURVED), ((f, f + width), CURVED)] if curved[f] else [((f,), 1.0)]
        for f in numbers
    }
    for size in (1, 2):
        groups = list(itertools.combinations(numbers, size))
        for group in groups:
            for parts in itertools.product(*(forms[f] for f in group)):
                columns = tuple(c for part, _ in parts for c in part)
                share = float(np.prod([p for _, p in parts]))
                yield _Model(columns, SIZES[size] * share / len(groups))


def _averaged(x: Floats, y: Floats, models: Sequence[_Model]) -> tuple[Floats, Floats, float]:
    """Return the weight and the probability of each column [C], and the evidence for any."""
    n = len(y)
    x, y = x - x.mean(0), y - y.mean()
    gram, target = x.T @ x, x.T @ y
    total = max(float(y @ y), LEAST_SPREAD)
    odds, found = [np.array([np.log(SIZES[0])])], []
    for size in sorted({len(model.columns) for model in models}):
        group = [model for model in models if len(model.columns) == size]
        columns = np.array([model.columns for model in group])  # [m, size]
        part = gram[columns[:, :, None], columns[:, None, :]] + RIDGE * n * np.eye(size)
        beta = np.linalg.solve(part, target[columns][:, :, None])[:, :, 0]
        explained = np.clip((beta * target[columns]).sum(1) / total, 0, 1)
        odds.append(np.log([model.prior for model in group]) + _log_bayes(n, size, explained))
        found.append((columns, beta * n / (1 + n)))
    every = np.concatenate(odds)
    evidence = float(every.max() + np.log(np.exp(every - every.max()).sum()))
    chances = np.exp(every - evidence)
    mean, included, begin = np.zeros(x.shape[1]), np.zeros(x.shape[1]), 1
    for columns, beta in found:
        chance = chances[begin : begin + len(columns), None]
        begin += len(columns)
        np.add.at(mean, columns, chance * beta)
        np.add.at(included, columns, np.broadcast_to(chance, columns.shape))
    return mean, included, evidence


def _log_bayes(n: int, columns: int, explained: Floats) -> Floats:
    """Return the logarithms of Bayes factors against the mean alone; `explained` are R²."""
    if n - 1 - columns <= 0:
        return np.full_like(explained, -np.inf)
    free = (n - 1 - columns) / 2 * np.log1p(n)
    return np.asarray(free - (n - 1) / 2 * np.log1p(n * (1 - explained)))


def latest(values: Floats, stars: Floats) -> int:
    """Return the number of the rating from which on n stars follow one taste.

    Tastes change: the ratings, features [n, F] with the oldest first, are taken for two tastes if
    two parts of them have more evidence together than the whole, by the factor 1 / `CHANGE`. A
    change shows in the mean of the stars first, while the tunes are those that were liked.
    """
    count = len(stars)
    units = (stars - stars.mean()) / max(float(stars.std()), LEAST_SPREAD)

    def evidence(part: slice) -> float:
        return fit(values[part], stars[part]).evidence + _of_mean(units[part])

    best, begin = evidence(slice(None)) - np.log(CHANGE), 0
    for cut in range(LEAST, count - LEAST + 1, STRIDE):
        found = evidence(slice(cut)) + evidence(slice(cut, None))
        if found > best:
            best, begin = found, cut
    return begin


def _of_mean(units: Floats) -> float:
    """Return the logarithm of the evidence for an unknown mean of n values of unit variance.

    Mean and values are normal: the mean is 0 give or take 1, the values are the mean give or take
    1; constants that are the same for all ways to part the values are left out.
    """
    n, total = len(units), float(units.sum())
    return -float(units @ units) / 2 + total**2 / (2 * (n + 1)) - float(np.log1p(n)) / 2
