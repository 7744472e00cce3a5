"""Measurements as records: means over the seeds, beside the figures of the poster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.melody.systems import LOSS, SYSTEMS
from benchmarks.record import Readings, Record

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
"""Results of `runs.measured` by system, one for each seed."""
SET = "nottingham"
PARAMETERS, SECONDS = "parameters", "training"


def records(runs: Runs, call: str) -> list[Record]:
    """Return all figures."""
    return [record for name, found in runs.items() for record in _of(name, found, call)]


def _of(name: str, found: Sequence[Mapping[str, Any]], call: str) -> list[Record]:
    system = SYSTEMS[name]
    made = []
    for key in found[0]["figures"]:
        measure, _, split = key.rpartition("/")
        values = Readings(tuple(one["figures"][key] for one in found))
        unit = "nats" if measure.endswith(LOSS) else ""
        made.append(
            Record(system.title, f"{SET}/{split}", measure, unit, values.mean, values.sd,
                   len(found), system.poster.get(key), call)
        )  # fmt: skip
    if "parameters" in found[0]:
        seconds = Readings(tuple(one["seconds"] for one in found))
        made += [
            Record(system.title, f"{SET}/train", PARAMETERS, "", found[0]["parameters"],
                   command=call),
            Record(system.title, f"{SET}/train", SECONDS, "s of processor", seconds.mean,
                   seconds.sd, len(found), command=call),
        ]  # fmt: skip
    return made
