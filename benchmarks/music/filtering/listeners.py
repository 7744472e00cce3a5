"""Classifiers beside listeners: does a score order clips as their mean ratings do.

The clips are of two kinds, of one instrument and of several, and listeners like the first more. So
a score that tells the kinds apart correlates with the ratings whatever it hears: each correlation
is given for all clips, and within each kind. The control knows the kind alone, and no note.

Classifiers that are fitted to the ratings of both kinds are measured out of sample: each clip is
scored by those that were fitted without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedKFold

from benchmarks.music.filtering import examples as filter_examples
from benchmarks.record import Record
from benchmarks.support import resampling
from export.filter.classifiers import METHODS, filled, trained

SPEARMAN = "Spearman of score and mean rating"
CONTROL = "one instrument or several"
FITTED = "fitted to corruptions"
ABOVE_ALL = "fitted to ratings above the median, out of sample"
ABOVE_OWN = "fitted to ratings above the median of their kind, out of sample"
WITHIN = "within both kinds"
PERMUTATIONS = 10_000
FOLDS, REPEATS = 5, 20
SIGNIFICANT = 0.05
Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clips:
    """The rated clips."""

    features: Floats
    """Entropies [n, 66], without gaps."""
    ratings: Floats
    """Mean rating of each [n]."""
    single: Rows
    """True for those of one instrument [n]."""

    @property
    def kinds(self) -> dict[str, Rows]:
        """Return all clips, and those of each kind, by name."""
        found = {"all": np.ones_like(self.single), "one instrument": self.single,
                 "several instruments": ~self.single}  # fmt: skip
        return {f"{name}, {rows.sum()} clips": rows for name, rows in found.items()}


def read(folder: Path) -> Clips:
    """Return the clips of a folder of listeners' ratings."""
    features, ratings = filter_examples.clips(folder)
    return Clips(filled(features), ratings, filter_examples.single(folder))


def correlation(score: Floats, ratings: Floats) -> float:
    """Return Spearman's rank correlation; 0 if all scores or all ratings are equal."""
    return float(_correlations(score[None], ratings[None])[0])


def _correlations(scores: Floats, ratings: Floats) -> Floats:
    """Return the same [N] for rows of scores and ratings [N, n]."""
    one, other = (rankdata(each, axis=1) for each in (scores, ratings))
    one, other = (each - each.mean(1, keepdims=True) for each in (one, other))
    size = np.sqrt((one**2).sum(1) * (other**2).sum(1))
    return np.asarray((one * other).sum(1) / np.where(size, size, 1.0))


def within(score: Floats, ratings: Floats, single: Rows) -> float:
    """Return the mean of the correlations of both kinds, weighed by their clips."""
    found = sum(
        rows.sum() * correlation(score[rows], ratings[rows])
        for rows in (single, ~single) if rows.any()
    )  # fmt: skip
    return float(found / len(score))


def records(folder: Path, examples: Floats, good: Rows) -> list[Record]:
    """Return the correlations of the control, and of classifiers fitted to examples or ratings."""
    clips = read(folder)
    found = _all_of(CONTROL, "no note is heard", clips.single.astype(np.float64), clips)[:1]
    for method in METHODS:
        score = trained(method, examples, good).decision_function(clips.features)
        found += _all_of(method, FITTED, score, clips)
        found.append(_better_half(method, score, clips))
    medians = np.where(clips.single, *(np.median(clips.ratings[r]) for r in
                                       (clips.single, ~clips.single)))  # fmt: skip
    labels = {ABOVE_ALL: np.median(clips.ratings), ABOVE_OWN: medians}
    for how, median in labels.items():
        for method in METHODS:
            found += _all_of(
                method, how, out_of_sample(method, clips, clips.ratings > median), clips
            )
    return found


def out_of_sample(method: str, clips: Clips, good: Rows) -> Floats:
    """Return the score [n] of each clip by classifiers that were fitted without it, as a mean."""
    score = np.zeros(len(good))
    for repeat in range(REPEATS):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat)
        # Each fold has the same share of both kinds.
        for train, test in folds.split(clips.features, clips.single):
            fitted = trained(method, clips.features[train], good[train])
            score[test] += fitted.decision_function(clips.features[test]) / REPEATS
    return score


def _all_of(system: str, how: str, score: Floats, clips: Clips) -> list[Record]:
    """Return the correlation of all clips, of each kind, and within both."""
    found = []
    for name, rows in clips.kinds.items():
        mine, theirs = score[rows], clips.ratings[rows]
        value = correlation(mine, theirs)
        drawn = _resampled(mine, theirs)
        ones = np.ones(len(mine), bool)
        beside = _beside(value, drawn, _chance(mine, theirs, ones))
        found.append(Record(system, f"{how}; {name}", SPEARMAN, "", value, None, len(mine), beside))
    value = within(score, clips.ratings, clips.single)
    drawn = sum(
        rows.sum() / len(score) * _resampled(score[rows], clips.ratings[rows])
        for rows in (clips.single, ~clips.single)
    )
    beside = _beside(value, np.asarray(drawn), _chance(score, clips.ratings, clips.single))
    where = f"{how}; {WITHIN}"
    return [*found, Record(system, where, SPEARMAN, "", value, None, len(score), beside)]


def _beside(value: float, drawn: Floats, p: float) -> str:
    verdict = "significant" if p < SIGNIFICANT else "not significant"
    return f"{resampling.interval(value, drawn)}; p = {p:.2g}, {verdict}"


def _resampled(score: Floats, ratings: Floats) -> Floats:
    """Return the correlations [DRAWS] of clips drawn with replacement."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(score), size=(resampling.DRAWS, len(score)))
    return _correlations(score[rows], ratings[rows])


def _chance(score: Floats, ratings: Floats, single: Rows) -> float:
    """Return the share of permutations of the ratings within each kind that correlate as much."""
    rng = np.random.default_rng(0)
    size, found = abs(within(score, ratings, single)), np.zeros(PERMUTATIONS)
    for rows in (single, ~single):
        if rows.any():
            one, other = rankdata(score[rows]), rankdata(ratings[rows])
            permuted = rng.permuted(np.tile(other, (PERMUTATIONS, 1)), axis=1)
            spread = float(np.sqrt(one.var() * other.var())) or 1.0
            products = (permuted - other.mean()) @ (one - one.mean()) / (len(one) * spread)
            found += len(one) / len(score) * products
    return float((1 + (np.abs(found) >= size - 1e-12).sum()) / (1 + PERMUTATIONS))


def _better_half(method: str, score: Floats, clips: Clips) -> Record:
    above, half = clips.ratings > np.median(clips.ratings), score > np.median(score)
    beside = f"{above.mean():.2f} of all"
    measure = "rated above the median, of the better half"
    where = f"{FITTED}; all, {len(score)} clips"
    value = float(above[half].mean())
    return Record(method, where, measure, "", value, None, int(half.sum()), beside)


def verdict(found: Sequence[Record]) -> tuple[int, int]:
    """Return how many correlations within a kind or both there are, and how many significant."""
    own = [r for r in found if r.measure == SPEARMAN and "; all," not in r.set]
    return len(own), sum("not significant" not in str(r.paper) for r in own)
