"""The feature table of excerpts, and the two-sample test on it.

`feature_table` and `auc_of` are all that a training script needs to judge its tunes; the excerpts
of one call are equally long. A feature's name is `group: name`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from benchmarks.ensemble import two_sample
from benchmarks.ensemble.two_sample import Sample, Table
from benchmarks.music.real.neutral import Neutral
from benchmarks.music.real.pitch_features import (
    Features,
    contour_features,
    interval_features,
    key_features,
    key_of,
)
from benchmarks.music.real.return_features import bar_features, note_features
from benchmarks.music.real.surprise import Chains, surprises
from benchmarks.music.real.time_features import cadence_features, half_features, rhythm_features

ROUNDS = 3
"""Permutations of a feature, whose losses are averaged."""
BOOSTS = 150
MISSING = -100.0
"""Number in place of a feature that has no value; no feature is as low."""
SHOWN = 16
"""Features that are listed, those that differ most alone."""


def many_features(seed: int) -> HistGradientBoostingClassifier:
    """Return untrained trees for a few hundred excerpts of a few hundred features.

    A split chooses among a few features, so that the strongest do not hide the others. The samples
    are not weighed: the area under the curve does not depend on their sizes.
    """
    return HistGradientBoostingClassifier(
        max_iter=BOOSTS, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=10,
        l2_regularization=1.0, max_bins=32, max_features=0.15, random_state=seed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Features of excerpts with their names."""

    names: tuple[str, ...]
    sample: Sample

    @property
    def families(self) -> list[str]:
        """Return the group of each feature [F]."""
        return [name.partition(":")[0] for name in self.names]

    def column(self, name: str) -> Table:
        """Return one feature of all excerpts [N]."""
        return self.sample.features[:, self.names.index(name)]


@dataclass(frozen=True, slots=True)
class Difference:
    """The power of one feature, or of one group of features, to tell two samples apart."""

    name: str
    alone: float
    """Area under the curve of the feature alone, at least 0.5, or of trees on the group alone."""
    loss: float
    """Area that the trees lose if the feature is permuted among the excerpts."""
    medians: tuple[float, float] | None = None
    """Medians of the feature, of the real excerpts and of the others; None for a group."""


def features_of(part: Neutral) -> Features:
    """Return the features of one excerpt that need no chain."""
    key = key_of(part)
    return {
        **key_features(part, key),
        **interval_features(part),
        **contour_features(part),
        **rhythm_features(part),
        **cadence_features(part, key),
        **half_features(part, key),
        **bar_features(part),
        **note_features(part),
    }


def feature_table(excerpts: Sequence[Neutral], chains: Chains) -> FeatureTable:
    """Return the features of equally long excerpts; the chains give each note's surprise."""
    rows = [features_of(part) for part in excerpts]
    bits = surprises(excerpts, chains)
    names = (*rows[0], *bits)
    values = np.array([list(row.values()) for row in rows], np.float64)
    groups = np.array([part.group for part in excerpts])
    return FeatureTable(names, Sample(np.column_stack([values, *bits.values()]), groups))


def auc_of(
    real: Sequence[Neutral], other: Sequence[Neutral], chains: Chains, seeds: int = 5
) -> tuple[float, ...]:
    """Return the area under the curve that tells `other` from `real`, for each division in folds.

    Excerpts of the same group are in the same fold: composed tunes have groups of their own.
    """
    one, two = (feature_table(part, chains).sample for part in (real, other))
    return areas(one, two, seeds)


def areas(real: Sample, other: Sample, seeds: int) -> tuple[float, ...]:
    """Return the same for samples of features."""
    return two_sample.aucs(filled(real), filled(other), seeds, many_features)


def differences(real: FeatureTable, other: FeatureTable, seed: int = 0) -> list[Difference]:
    """Return each group of features by its loss, then the features that differ most alone."""
    found = two_sample.judged(filled(real.sample), filled(other.sample), seed, many_features)
    rng = np.random.default_rng(seed)
    families = np.array(real.families)
    groups = []
    for family in dict.fromkeys(families.tolist()):
        loss = found.loss(families == family, rng, ROUNDS)
        parts = (only(table.sample, families == family) for table in (real, other))
        groups.append(Difference(family, areas(*parts, 1)[0], loss))
    single = all_alone(real, other)
    most = []
    for name in sorted(single, key=lambda n: -single[n])[:SHOWN]:
        loss = found.loss(np.array(real.names) == name, rng, ROUNDS)
        one, two = (float(np.nanmedian(table.column(name))) for table in (real, other))
        most.append(Difference(name, single[name], loss, (one, two)))
    return [*sorted(groups, key=lambda d: -d.alone), *most]


def filled(sample: Sample) -> Sample:
    """Return a sample with `MISSING` for NaN: trees cannot bin a feature without any value."""
    known = np.where(np.isnan(sample.features), MISSING, sample.features)
    return Sample(known, sample.groups)


def only(sample: Sample, columns: NDArray[np.bool_]) -> Sample:
    """Return a sample with some of its features."""
    return Sample(sample.features[:, columns], sample.groups)


def all_alone(real: FeatureTable, other: FeatureTable) -> dict[str, float]:
    """Return the area of each feature alone; features that a sample lacks are left out."""
    both = {name: (real.column(name), other.column(name)) for name in real.names}
    known = {n: t for n, t in both.items() if not any(np.isnan(each).all() for each in t)}
    return {name: alone(*tables) for name, tables in known.items()}


def mean_alone(real: FeatureTable, other: FeatureTable) -> float:
    """Return the mean area of each feature alone.

    It still shrinks as tunes become more real while the area of all features together is near 1.
    """
    return float(np.mean(list(all_alone(real, other).values())))


def alone(real: Table, other: Table) -> float:
    """Return the area under the curve of one feature [n], in the direction that tells more."""
    real, other = real[~np.isnan(real)], other[~np.isnan(other)]
    label = np.repeat([0, 1], [len(real), len(other)])
    area = float(roc_auc_score(label, np.concatenate([real, other])))
    return max(area, 1 - area)
