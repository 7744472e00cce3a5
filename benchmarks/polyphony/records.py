"""Measurements as records: means over the seeds, beside the figures of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.polyphony.claims import TRAINED, Runs, gains, plain
from benchmarks.polyphony.systems import BEST, GOALS, RANDOM, RAW, SYSTEMS, System
from benchmarks.record import Readings, Record
from export.papers.rnn_dbn.monitor import RANDOM as TOSSED

EXACT = "log_likelihood_exact"
AIS = "log_likelihood_ais"
BOUND = "log_likelihood_bound"
MONITOR = "pseudo_log_likelihood_monitor"
DEVIATION = "log_weight_sd"
PARAMETERS = "parameters"
STEP = "step_time"
ADAPTED = "log_likelihood_exact_adapted"
LIKELIHOODS = {EXACT: "exact", AIS: "AIS", BOUND: "bound"}
"""Comparable measures, with their names in the table."""
UNITS = {PARAMETERS: "", TRAINED: "frames", STEP: "ms"}
"""Units of the measures that are not in nats."""
NOTHING = Readings(())

Place = tuple[str, str]
"""System and set."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All measurements."""

    runs: Runs
    whole: Mapping[str, int]
    """Frames of each test split by set."""
    trained: Mapping[Place, int] = field(default_factory=dict)
    """Training frames in the plan of each model."""
    steps: Mapping[Place, Readings] = field(default_factory=dict)
    """Milliseconds of a step for one frame."""
    adapted: Mapping[Place, Readings] = field(default_factory=dict)
    """Nats per frame of models that go on learning."""


def likelihoods(records: Sequence[Record]) -> dict[Place, Record]:
    """Return the records of likelihoods by system and set."""
    return {place: r for m in LIKELIHOODS for place, r in by_place(records, m).items()}


def by_place(records: Sequence[Record], measure: str) -> dict[Place, Record]:
    """Return the records of one measure by system and set."""
    return {
        (plain(r.system), r.set.removesuffix("/test")): r for r in records if r.measure == measure
    }


def title(system: System, name: str, whole: int, frames: int) -> str:
    """Return the system's name with its keys and measured frames, if they are special."""
    raw = ", raw keys" if name.endswith(RAW) else ""
    return f"{system.title}{raw}" + (f" ({frames} frames)" if frames < whole else "")


def records(found: Findings) -> list[Record]:
    """Return all figures."""
    made = [
        Record(RANDOM.title, f"{name}/test", EXACT, "nats", TOSSED, paper=RANDOM.paper.get(name))
        for name in found.whole
        if not name.endswith(RAW)
    ]
    for (key, name), readings in found.runs.items():
        system, first = SYSTEMS[key], readings[0]
        label = title(system, name, found.whole[name], first.frames)
        columns = {
            first.measure: [r.nats for r in readings],
            MONITOR: [r.monitor for r in readings if r.monitor is not None],
            DEVIATION: [r.deviation for r in readings if r.deviation is not None],
            ADAPTED: found.adapted.get((key, name), NOTHING).values,
            PARAMETERS: [float(first.parameters)],
            TRAINED: [float(n) for n in (found.trained.get((key, name)),) if n],
            STEP: found.steps.get((key, name), NOTHING).values,
        }
        for measure, values in columns.items():
            if values:
                made.append(_record((label, f"{name}/test", measure), values, system, name))
    return made + gains(found.runs)


def _record(
    what: tuple[str, str, str], values: Sequence[float], system: System, name: str
) -> Record:
    found = Readings(tuple(values))
    likelihood = what[2] in LIKELIHOODS or what[2] == MONITOR
    unit = UNITS.get(what[2], "nats")
    paper = system.paper.get(name) if likelihood else None
    if likelihood and paper is None and name in BEST and not system.paper:
        paper = f"best {BEST[name]}, goal {GOALS[name]}"
    middle = found.median if what[2] == STEP else found.mean
    return Record(*what, unit, middle, found.sd, len(values), paper)
