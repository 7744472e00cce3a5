"""Records of the long annealing: likelihoods, differences, the control, and the monitors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.polyphony.pairs.hierarchy import Difference, of_set, of_such_sets, of_these_sets
from benchmarks.polyphony.systems import SYSTEMS
from benchmarks.record import Readings, Record
from export.corpus.rolls import RollSet
from export.papers.rnn_dbn.ais import Annealing

CLAIM = "RNN-DBN > RNN-RBM"
MEASURES = {"rnn-rbm": "log_likelihood_ais", "rnn-dbn": "log_likelihood_bound"}
GAIN, DEVIATION, BIAS = "difference", "log_weight_sd", "expected_bias"
ERROR, LARGEST, EXACT = "mean_error", "largest_error", "log_likelihood_enumerated"
MONITOR = "training_monitor"
FRAMES, TRAINED = "frames_measured", "frames_trained"
THESE, SUCH = "these sets", "such sets"
MET = 0.02
"""Largest mean error of the control, in nats a frame."""
MONITORED = {
    "base": "RNN-RBM, first part", "rbm": "RNN-RBM", "second": "RNN-DBN, CD only", "dbn": "RNN-DBN",
}  # fmt: skip
AUTHORS = "RNN-RBM, authors' program"


@dataclass(frozen=True, slots=True)
class SetFindings:
    """All that was measured on one set."""

    rolls: RollSet
    piece: NDArray[np.int64]
    """Number of the piece of each frame [F]."""
    values: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
    """Nats and deviations [F] by model and annealing, one for each seed."""
    trained: Mapping[str, int]
    """Training frames of each model."""
    monitors: Mapping[str, Sequence[Mapping[str, float]]]
    """Training monitor of each split by model, one for each seed."""

    def nats(self, model: str, plan: str) -> NDArray[np.float64]:
        """Return nats of each seed and frame [S, F]."""
        return np.array([each["nats"] for each in self.values[model][plan]])

    def deviation(self, model: str, plan: str) -> NDArray[np.float64]:
        """Return the standard deviation of the log-weights of each seed and frame [S, F]."""
        return np.array([each["deviation"] for each in self.values[model][plan]])

    def difference(self, plan: str) -> Difference:
        """Return the gain of the RNN-DBN."""
        return of_set(self.nats("rnn-dbn", plan) - self.nats("rnn-rbm", plan), self.piece)


@dataclass(frozen=True, slots=True)
class Control:
    """Estimates of a model whose likelihood is known exactly."""

    deep: bool
    exact: float
    """Nats per frame."""
    frames: int
    errors: Mapping[str, tuple[float, float, float]]
    """Mean and largest error and the deviation of the log-weights, by annealing."""


def records(
    sets: Sequence[SetFindings], controls: Sequence[Control],
    authors: Mapping[str, Mapping[str, float]], plans: Mapping[str, Annealing],
) -> list[Record]:  # fmt: skip
    """Return all figures."""
    made = [record for each in sets for record in _of_set(each, plans)]
    for plan, annealing in plans.items():
        found = [each.difference(plan) for each in sets]
        made += [
            _gain(f"{each.rolls.name}/test", annealing, one, each)
            for each, one in zip(sets, found, strict=True)
        ]
        made.append(_gain(THESE, annealing, of_these_sets(found)))
        made.append(_gain(SUCH, annealing, of_such_sets(found)))
    made += [record for each in controls for record in _of_control(each, plans)]
    return made + _monitors(sets, authors)


def label(plan: Annealing) -> str:
    """Return the effort of an annealing in words."""
    return f"{plan.betas:,} temperatures x {plan.chains}"


def bias(deviation: NDArray[np.float64], chains: int) -> float:
    """Return the expected excess of the likelihood, in nats, of log-normal weights.

    ln E[mean] - E[ln mean] = (exp(sd^2) - 1) / (2 chains) to first order.
    """
    return float((np.expm1(deviation**2) / (2 * chains)).mean())


def _of_set(found: SetFindings, plans: Mapping[str, Annealing]) -> list[Record]:
    name, where = found.rolls.name, f"{found.rolls.name}/test"
    made = [Record("both", where, FRAMES, "frames", len(found.piece))]
    made += [
        Record(SYSTEMS[arm].title, f"{name}/train", TRAINED, "frames", count)
        for arm, count in found.trained.items()
    ]
    for name, measure in MEASURES.items():
        for plan, annealing in plans.items():
            title = f"{SYSTEMS[name].title}, {label(annealing)}"
            nats = found.nats(name, plan).mean(1)
            deviation = found.deviation(name, plan)
            paper = SYSTEMS[name].paper.get(found.rolls.name) if plan == "long" else None
            for what, values, beside in (
                (measure, nats, paper),
                (DEVIATION, deviation.mean(1), None),
                (BIAS, np.array([bias(deviation, annealing.chains)]), None),
            ):
                r = Readings(tuple(map(float, values)))
                made.append(Record(title, where, what, "nats", r.mean, r.sd, len(values), beside))
    return made


def _gain(
    where: str, plan: Annealing, found: Difference, of: SetFindings | None = None
) -> Record:  # fmt: skip
    half = f"± {found.half:.3f}" if math.isfinite(found.variance) else "one reading"
    spread = math.sqrt(found.variance) if math.isfinite(found.variance) else None
    count = 1 if of is None else len(of.nats("rnn-rbm", "long"))
    return Record(
        f"{CLAIM}, {label(plan)}", where, GAIN, "nats", found.mean, spread, count,
        f"{half}: {found.verdict}",
    )  # fmt: skip


def _of_control(found: Control, plans: Mapping[str, Annealing]) -> list[Record]:
    title = "RNN-DBN" if found.deep else "RNN-RBM"
    small = f"{title}, enumerated"
    made = [Record(small, "jsb/test", EXACT, "nats", found.exact, None, found.frames)]
    for name, plan in plans.items():
        mean, largest, deviation = found.errors[name]
        system = f"{small}, {label(plan)}"
        bound = f"at most {MET}" if name == "long" else None
        made += [
            Record(system, "jsb/test", ERROR, "nats", abs(mean), None, found.frames, bound),
            Record(system, "jsb/test", LARGEST, "nats", largest, None, found.frames),
            Record(system, "jsb/test", DEVIATION, "nats", deviation, None, found.frames),
        ]
    return made


def _monitors(
    sets: Sequence[SetFindings], authors: Mapping[str, Mapping[str, float]]
) -> list[Record]:
    made = []
    for found in sets:
        for name, readings in found.monitors.items():
            system = SYSTEMS["rnn-dbn" if name in {"second", "dbn"} else "rnn-rbm"]
            for split in ("train", "test"):
                r = Readings(tuple(each[split] for each in readings))
                made.append(
                    Record(MONITORED[name], f"{found.rolls.name}/{split}", MONITOR, "nats", r.mean,
                           r.sd, len(readings), system.paper.get(found.rolls.name))
                )  # fmt: skip
    for name, each in authors.items():
        paper = SYSTEMS["rnn-rbm"].paper.get(name)
        made += [
            Record(AUTHORS, f"{name}/{split}", MONITOR, "nats", each[split], paper=paper)
            for split in ("train", "test")
        ]
    return made
