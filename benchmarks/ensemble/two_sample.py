"""Two-sample tests: how well a classifier tells two sets of excerpts apart.

Lopez-Paz & Oquab 2017, Revisiting Classifier Two-Sample Tests. The classifier is a forest of
boosted trees; each excerpt is judged by trees that saw neither it nor any of its group. The area
under the curve is 0.5 for sets that cannot be told apart, and 1 for sets that always are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

FOLDS = 5
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Excerpts as rows of features."""

    features: Table
    """float64 [N, F]; NaN where a feature has no value."""
    groups: NDArray[np.int_]
    """Number of the performance of each excerpt [N]."""

    def only(self, kept: NDArray[np.bool_]) -> Sample:
        return Sample(self.features[kept], self.groups[kept])


def auc(real: Sample, other: Sample, seed: int) -> float:
    """Return the area under the curve of trees that tell `other` from `real`.

    Groups of the same number in both samples are in the same fold.
    """
    features = np.concatenate([real.features, other.features])
    label = np.repeat([0, 1], [len(real.features), len(other.features)])
    groups = np.concatenate([real.groups, other.groups])
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    score = np.zeros(len(label))
    for train, test in folds.split(features, label, groups):
        trees = HistGradientBoostingClassifier(
            max_iter=100, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=10,
            l2_regularization=1.0, max_bins=32, class_weight="balanced", random_state=seed,
        )  # fmt: skip
        with threadpool_limits(1):
            trees.fit(features[train], label[train])
        score[test] = trees.predict_proba(features[test])[:, 1]
    return float(roc_auc_score(label, score))


def aucs(real: Sample, other: Sample, seeds: int) -> tuple[float, ...]:
    """Return the area under the curve for several divisions into folds."""
    return tuple(auc(real, other, seed) for seed in range(seeds))


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
