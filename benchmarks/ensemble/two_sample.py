"""Two-sample tests: how well a classifier tells two sets of excerpts apart.

Lopez-Paz & Oquab 2017, Revisiting Classifier Two-Sample Tests. The classifier is a forest of
boosted trees; each excerpt is judged by trees that saw neither it nor any of its group. The area
under the curve is 0.5 for sets that cannot be told apart, and 1 for sets that always are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

FOLDS = 5
Table = NDArray[np.float64]


def boosted(seed: int) -> HistGradientBoostingClassifier:
    """Return untrained trees."""
    return HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=10,
        l2_regularization=1.0, max_bins=32, class_weight="balanced", random_state=seed,
    )  # fmt: skip


Trees = Callable[[int], HistGradientBoostingClassifier]
"""Untrained trees by seed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Excerpts as rows of features."""

    features: Table
    """float64 [N, F]; NaN where a feature has no value."""
    groups: NDArray[np.int_]
    """Number of the performance of each excerpt [N]."""

    def only(self, kept: NDArray[np.bool_]) -> Sample:
        return Sample(self.features[kept], self.groups[kept])


@dataclass(frozen=True, slots=True)
class Judged:
    """Excerpts of both samples, and the trees of each fold, which saw none of its groups."""

    features: Table
    label: NDArray[np.int_]
    """0 for the first sample, 1 for the other [N]."""
    folds: tuple[tuple[NDArray[np.int_], HistGradientBoostingClassifier], ...]
    """The excerpts of each fold, and its trees."""

    def scores(self, features: Table) -> Table:
        """Return the probability [N] of the other sample, with these features [N, F]."""
        score = np.zeros(len(self.label))
        with threadpool_limits(1):
            for test, trees in self.folds:
                score[test] = trees.predict_proba(features[test])[:, 1]
        return score

    def area(self, features: Table) -> float:
        """Return the area under the curve, with these features [N, F] in place of the true ones."""
        return float(roc_auc_score(self.label, self.scores(features)))

    def loss(self, columns: NDArray[np.bool_], rng: np.random.Generator, rounds: int) -> float:
        """Return the area that is lost, on average, if some features are permuted together."""
        areas = []
        for _ in range(rounds):
            changed = self.features.copy()
            changed[:, columns] = changed[rng.permutation(len(changed))][:, columns]
            areas.append(self.area(changed))
        return self.area(self.features) - float(np.mean(areas))


def judged(real: Sample, other: Sample, seed: int, untrained: Trees = boosted) -> Judged:
    """Return both samples with trees that tell `other` from `real`, fold by fold.

    Groups of the same number in both samples are in the same fold.
    """
    features = np.concatenate([real.features, other.features])
    label = np.repeat([0, 1], [len(real.features), len(other.features)])
    groups = np.concatenate([real.groups, other.groups])
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    found = []
    for train, test in folds.split(features, label, groups):
        trees = untrained(seed)
        with threadpool_limits(1):
            trees.fit(features[train], label[train])
        found.append((test, trees))
    return Judged(features, label, tuple(found))


def auc(real: Sample, other: Sample, seed: int, untrained: Trees = boosted) -> float:
    """Return the area under the curve of trees that tell `other` from `real`."""
    found = judged(real, other, seed, untrained)
    return found.area(found.features)


def aucs(real: Sample, other: Sample, seeds: int, untrained: Trees = boosted) -> tuple[float, ...]:
    """Return the area under the curve for several divisions into folds."""
    return tuple(auc(real, other, seed, untrained) for seed in range(seeds))


def halves(sample: Sample, seed: int) -> tuple[Sample, Sample]:
    """Return two halves of a sample that share no group."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.unique(sample.groups))
    one = np.isin(sample.groups, names[::2])
    return sample.only(one), sample.only(~one)


def within(real: Table, other: Table) -> Table:
    """Return, for each feature, the share of `other` in the middle 80 % of `real` [F]."""
    low, high = np.nanpercentile(real, [10, 90], axis=0)
    inside = (other >= low) & (other <= high)
    found: Table = np.where(np.isnan(other), np.nan, inside)
    return np.asarray(np.nanmean(found, axis=0))
