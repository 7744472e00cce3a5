"""What was measured as records: means over the seeds, each beside the figure of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.frames.runs import Measured
from benchmarks.frames.systems import BEST, GOALS, RANDOM, RAW, SYSTEMS, System
from benchmarks.record import Readings, Record
from export.polyphony.monitor import RANDOM as TOSSED

EXACT = "log_likelihood_exact"
AIS = "log_likelihood_ais"
BOUND = "log_likelihood_bound"
MONITOR = "pseudo_log_likelihood_monitor"
DEVIATION = "log_weight_sd"
PARAMETERS = "parameters"
LIKELIHOODS = {EXACT: "exact", AIS: "AIS", BOUND: "bound"}
"""Measures that may stand beside one another, and what the table calls them."""

Runs = Mapping[tuple[str, str], Sequence[Measured]]
"""By system and set: a reading a seed."""


def title(system: System, name: str, whole: int, frames: int) -> str:
    """The system's name, and what its figures differ in: keys, and frames that were measured."""
    raw = ", raw keys" if name.endswith(RAW) else ""
    return f"{system.title}{raw}" + (f" ({frames} frames)" if frames < whole else "")


def plain(name: str) -> str:
    """The name of a record's system without the frames."""
    return name.partition(" (")[0]


def records(runs: Runs, whole: Mapping[str, int]) -> list[Record]:
    """All figures; `whole` has the frames of each test split by set."""
    made = [
        Record(RANDOM.title, f"{name}/test", EXACT, "nats", TOSSED, paper=RANDOM.paper.get(name))
        for name in whole
        if not name.endswith(RAW)
    ]
    for (key, name), readings in runs.items():
        system, first = SYSTEMS[key], readings[0]
        label = title(system, name, whole[name], first.frames)
        columns = {
            first.measure: [r.nats for r in readings],
            MONITOR: [r.monitor for r in readings if r.monitor is not None],
            DEVIATION: [r.deviation for r in readings if r.deviation is not None],
            PARAMETERS: [float(first.parameters)],
        }
        for measure, values in columns.items():
            if values:
                made.append(_record((label, f"{name}/test", measure), values, system, name))
    return made


def _record(
    what: tuple[str, str, str], values: Sequence[float], system: System, name: str
) -> Record:
    found = Readings(tuple(values))
    likelihood = what[2] in LIKELIHOODS or what[2] == MONITOR
    unit = "" if what[2] == PARAMETERS else "nats"
    paper = system.paper.get(name) if likelihood else None
    if likelihood and paper is None and name in BEST and not system.paper:
        paper = f"best {BEST[name]}, goal {GOALS[name]}"
    return Record(*what, unit, found.mean, found.sd, len(values), paper)
