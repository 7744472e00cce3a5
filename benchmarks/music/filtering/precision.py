"""Precision of filters beside chance, with intervals over pieces.

Precision depends on how many of the judged excerpts are real: with a share pi of real ones,

    precision = pi r / (pi r + (1 - pi) e)

for r, the share of real excerpts that pass, and e, that of the corrupted ones. A filter that lets
through whatever comes has precision pi. So each figure names its pi, and r / e, which needs none,
stands beside it. Whole pieces are resampled: real excerpts with all corruptions of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.record import Record
from benchmarks.support import resampling
from benchmarks.support.resampling import Interval
from export.filter import thresholds
from export.filter.classifiers import filled
from export.filter.corruptions import KINDS, SEEN, UNSEEN
from export.filter.excerpts import REAL
from export.filter.thresholds import Bounds, Labeled, quality

EVEN, ONE_IN_TEN = 0.5, 0.1
"""Shares of real excerpts for which precision is given."""
GOAL = thresholds.PRECISION
METHOD = "RBF SVC"
PENALTIES = (1.0, 10.0, 100.0)
"""Penalties of errors among which the classifier is chosen."""
RULES = "entropy rules"
PERMUTED = "rules fitted to permuted labels"
CHOSEN = f"precision {GOAL} on validation"
Passing = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Held:
    """Labeled excerpts of tunes outside the training set."""

    labeled: Labeled
    kinds: NDArray[np.str_]
    """`REAL`, or the corruption of each [n]."""
    groups: NDArray[np.int64]
    """Number of the piece of each [n]."""

    def part(self, kinds: Sequence[str]) -> Held:
        """Return the real excerpts and those of some corruptions."""
        rows = np.isin(self.kinds, [REAL, *kinds])
        return Held(self.labeled.part(rows), self.kinds[rows], self.groups[rows])


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of real excerpts that pass, and that of corrupted ones, as they are resampled."""

    recall: Interval
    escaped: Interval
    drawn: tuple[NDArray[np.float64], NDArray[np.float64]]
    whole: float
    """The share of all excerpts that pass."""

    def precision(self, share: float) -> Interval:
        """Return the precision if such a share of the excerpts is real."""
        r, e = self.drawn
        with np.errstate(invalid="ignore"):
            drawn = share * r / (share * r + (1 - share) * e)
        return resampling.interval(precise(self.recall.value, self.escaped.value, share), drawn)

    @property
    def ratio(self) -> float:
        """Return how many times as likely a real excerpt passes as a corrupted one."""
        return self.recall.value / max(self.escaped.value, 1e-9)


def precise(recall: float, escaped: float, share: float) -> float:
    """Return the precision of a filter if such a share of the excerpts is real; 1 if none pass."""
    passed = share * recall + (1 - share) * escaped
    return share * recall / passed if passed else 1.0


def shares(passing: Passing, held: Held) -> Shares:
    """Return the shares of held-out excerpts that pass, given for each of them."""
    drawn = resampling.weights(held.groups)
    found = []
    for rows in (held.labeled.good, ~held.labeled.good):
        each = drawn[:, rows]
        with np.errstate(invalid="ignore"):
            resampled = each @ passing[rows] / each.sum(1)
        found.append(resampling.interval(float(passing[rows].mean()), resampled))
        found.append(resampled)
    recall, r, escaped, e = found
    return Shares(recall, escaped, (r, e), float(passing.mean()))


@dataclass(frozen=True, slots=True)
class Tried:
    """One style's excerpts to fit a filter to, to choose it by, and to measure it on."""

    style: str
    fit: Labeled
    valid: Labeled
    held: Held


def rules_of(tried: Tried) -> Bounds | None:
    """Return the first rules that reach the goal on the validation set, whatever they reject.

    Return None if none do.
    """
    for bounds in thresholds.steps(tried.fit):
        if quality(tried.valid.passing(bounds), tried.valid.good).precision >= GOAL:
            return bounds
    return None


def permuted(tried: Tried) -> Bounds:
    """Return rules fitted by the same search to labels that say nothing."""
    rng = np.random.default_rng(0)
    one, other = (Labeled(p.values, rng.permutation(p.good)) for p in (tried.fit, tried.valid))
    return thresholds.strict(one, other)


def together(every: Sequence[Tried]) -> Pipeline:
    """Return a classifier fitted to the excerpts of all styles; the style is a feature.

    Among a few penalties of errors it is the one that lets most real excerpts of the validation
    sets pass when it is strict enough for the goal there.
    """
    features = np.concatenate([_features(t, t.fit, every) for t in every])
    good = np.concatenate([t.fit.good for t in every])
    fitted = [
        make_pipeline(StandardScaler(), SVC(C=penalty, class_weight="balanced")).fit(features, good)
        for penalty in PENALTIES
    ]
    return max(fitted, key=lambda found: _recall(found, every))


def _recall(found: Pipeline, every: Sequence[Tried]) -> float:
    """Return the mean share of the real excerpts of a validation set that pass."""
    each = []
    for tried in every:
        score = found.decision_function(_features(tried, tried.valid, every))
        passing = score >= _least(score, tried.valid.good)
        each.append(quality(passing, tried.valid.good).recall)
    return float(np.mean(each))


def _least(score: NDArray[np.float64], good: Passing) -> float:
    """Return the least score from which on precision reaches the goal; infinity if none does."""
    return next(
        (s for s in np.sort(score).tolist() if quality(score >= s, good).precision >= GOAL),
        np.inf,
    )


def chosen(found: Pipeline, tried: Tried, every: Sequence[Tried]) -> Callable[[Held], Passing]:
    """Return the classifier's test of an excerpt, strict enough for the goal on validation."""
    least = _least(found.decision_function(_features(tried, tried.valid, every)), tried.valid.good)
    return lambda held: np.asarray(
        found.decision_function(_features(tried, held.labeled, every)) >= least
    )


def _features(tried: Tried, part: Labeled, every: Sequence[Tried]) -> NDArray[np.float64]:
    style = [float(other.style == tried.style) for other in every]
    return np.column_stack([filled(part.values), np.tile(style, (len(part.values), 1))])


def records(every: Sequence[Tried], bounds: Mapping[str, Bounds]) -> list[Record]:
    """Return the figures of the shipped rules, of the control, and of filters for the goal."""
    classifier = together(every)
    found = []
    for tried in every:
        own = bounds[tried.style]
        features = sum(limits != thresholds.OPEN for limits in own.values())
        where = f"{tried.style}, {features} features"
        control = permuted(tried)
        found.append(_base(tried.style, tried.held))
        found += _of(RULES, where, tried.held, lambda held, b=own: held.labeled.passing(b))
        found += _of(PERMUTED, where, tried.held, lambda held, b=control: held.labeled.passing(b))
        strict = rules_of(tried)
        where = f"{tried.style}, {CHOSEN}"
        if strict is not None:
            found += _of(RULES, where, tried.held, lambda held, b=strict: held.labeled.passing(b))
        found += _of(METHOD, where, tried.held, chosen(classifier, tried, every))
    return found


def _of(system: str, where: str, held: Held, passing: Callable[[Held], Passing]) -> list[Record]:
    found = []
    goal = "" if system == PERMUTED else f"at least {GOAL}; "
    for name, kinds in ((f"without {UNSEEN}", SEEN), ("all corruptions", tuple(KINDS))):
        part = held.part(kinds)
        own, n = shares(passing(part), part), len(part.groups)
        even, few = own.precision(EVEN), own.precision(ONE_IN_TEN)
        beside = f"{goal if kinds == SEEN else ''}{even}; {EVEN} by chance"
        found += [
            Record(system, where, f"precision at even odds, {name}", "", even.value, None, n,
                   beside),
            Record(system, where, f"precision with one real of ten, {name}", "", few.value, None,
                   n, f"{few}; {ONE_IN_TEN} by chance"),
            Record(system, where, f"all that pass, {name}", "", own.whole, None, n),
            Record(system, where, f"corrupted that pass, {name}", "", own.escaped.value, None,
                   int((~part.labeled.good).sum()), str(own.escaped)),
        ]  # fmt: skip
    goods = int(held.labeled.good.sum())
    return [
        *found,
        Record(system, where, "recall: real that pass", "", own.recall.value, None, goods,
               str(own.recall)),
    ]  # fmt: skip


def _base(style: str, held: Held) -> Record:
    real, n = float(held.labeled.good.mean()), len(held.groups)
    pieces = f"{len(np.unique(held.groups))} pieces"
    return Record("examples", f"{style}, held-out tunes", "share of real ones", "", real, None, n,
                  pieces)  # fmt: skip
