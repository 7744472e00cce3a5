"""Records of the note-list's study: seeds, intervals over pieces, paired differences, hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.polyphony.evaluator import bootstrap
from benchmarks.polyphony.lists.designs import CANDIDATES, DESIGNS, GOALS, PLAIN
from benchmarks.polyphony.lists.runs import Scores
from benchmarks.record import Readings, Record
from benchmarks.support.resume import Facts

EXACT, REPEATED, NEW = "log_likelihood_exact", "on_repeated_frames", "on_new_frames"
LOW, HIGH = "interval_low", "interval_high"
LOSS = "difference"
PARAMETERS, STEPS, TRAINED = "parameters", "training_steps", "frames_trained"
CHECKPOINT = "checkpoint"
VALID, TEST = "valid", "test"

Runs = Mapping[tuple[str, str], Sequence[Facts]]
"""Facts of `runs.measured` by set and design, one for each seed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Scores of one split by seed."""

    seeds: tuple[Scores, ...]

    @property
    def means(self) -> Readings:
        return Readings(tuple(each.mean for each in self.seeds))

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval over pieces of the mean of all seeds."""
        nats = np.mean([each.nats for each in self.seeds], 0)
        return bootstrap(nats, self.seeds[0].frames)

    def against(self, other: Reading) -> tuple[float, tuple[float, float]]:
        """Return the mean difference to the same seeds of another, and its interval over pieces."""
        pairs = list(zip(self.seeds, other.seeds, strict=False))
        gap = np.mean([a.nats - b.nats for a, b in pairs], 0)
        frames = pairs[0][0].frames
        return float(gap.sum() / frames.sum()), bootstrap(gap, frames)


def reading(found: Sequence[Facts], split: str) -> Reading:
    """Return the scores of one split from stored facts."""
    return Reading(
        tuple(Scores(**{k: np.array(v) for k, v in each[split].items()}) for each in found)
    )


def chosen(runs: Runs, name: str) -> str:
    """Return the candidate of a set whose mean on the validation split is higher.

    The means are those of the seeds that all candidates have.
    """
    there = {each: runs[name, each] for each in CANDIDATES if (name, each) in runs}
    common = min(map(len, there.values()))
    return max(there, key=lambda each: reading(there[each][:common], VALID).means.mean)


def records(runs: Runs) -> list[Record]:
    """Return all figures."""
    made = []
    for (name, design), found in runs.items():
        goal = f"at least {GOALS[name]:g}" if chosen(runs, name) == design else None
        made += _of(name, design, found, goal)
        if design != PLAIN and (name, PLAIN) in runs:
            made += _losses(name, design, found, runs[name, PLAIN])
    return made


def _of(name: str, design: str, found: Sequence[Facts], goal: str | None) -> list[Record]:
    title, made = DESIGNS[design].title, []
    for split in (VALID, TEST):
        scores, where = reading(found, split), f"{name}/{split}"
        beside = goal if split == TEST else None
        low, high = scores.interval()
        columns = {
            EXACT: scores.means,
            REPEATED: Readings(tuple(each.on_repeated for each in scores.seeds)),
            NEW: Readings(tuple(each.on_new for each in scores.seeds)),
        }
        made += [
            Record(title, where, measure, "nats", r.mean, r.sd, len(found),
                   beside if measure == EXACT else None)
            for measure, r in columns.items()
        ]  # fmt: skip
        made += [
            Record(title, where, measure, "nats", value, None, len(found))
            for measure, value in ((LOW, low), (HIGH, high))
        ]
    facts = {PARAMETERS: "parameters", STEPS: "steps", TRAINED: "frames"}
    made += [
        Record(title, f"{name}/train", measure, "frames" if measure == TRAINED else "",
               float(found[0][key]))
        for measure, key in facts.items()
    ]  # fmt: skip
    return made + [
        Record(title, f"{name}/seed {seed}", CHECKPOINT, "nats",
               reading([each], TEST).means.mean, paper=f"sha256 {each['hash']}")
        for seed, each in enumerate(found, 1)
    ]  # fmt: skip


def _losses(
    name: str, design: str, found: Sequence[Facts], plain: Sequence[Facts]
) -> list[Record]:  # fmt: skip
    """Return the difference to the plain design, seed by seed, with its interval over pieces."""
    gap, (low, high) = reading(found, TEST).against(reading(plain, TEST))
    count = min(len(found), len(plain))
    return [
        Record(DESIGNS[design].title, f"{name}/{TEST}", LOSS, "nats", gap, None, count,
               f"{low:+.3f} to {high:+.3f} over pieces")
    ]  # fmt: skip
