"""The figures of a set: every metric, the distance from real music, and how well trees tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.ensemble import two_sample
from benchmarks.ensemble.two_sample import Sample
from benchmarks.field import smg
from benchmarks.field.sets import CONTROLS, OTHER_REAL, Compared, System
from benchmarks.music.real.realism_table import areas
from benchmarks.record import Readings, Record

DISTANCE = "smg-metrics, mean distance from real in standard deviations"
TOLD, OWN = "AUC, smg-metrics", "AUC, realism test"
HALVES = "real, halves"
Metrics = Mapping[str, Sample]
"""Metrics of the excerpts of each system of a set, by its name; empty if they were not measured."""


def measured(compared: Compared, program: Path | None, seeds: int) -> list[Record]:
    """Return all figures of one set; without `smg-eval`, those of the realism test alone."""
    if program is None:
        return of_set(compared, {}, seeds)
    systems = {s.name: s.excerpts for s in (compared.real, *compared.systems)}
    return of_set(compared, smg.measured(program, systems), seeds)


def of_set(compared: Compared, metrics: Metrics, seeds: int) -> list[Record]:
    """Return all figures of one set."""
    rows = _floors(compared, metrics, seeds)
    shipped = compared.systems[0].name
    told = {}
    for system in compared.systems:
        told[system.name] = Readings(areas(compared.real.features, system.features, seeds))
        rows += _beside(compared, system, metrics, seeds)
        beside = None
        if system.name in CONTROLS:
            beside = f"above {told[shipped].mean:.3f}"
        rows.append(_area(compared.name, system.name, OWN, told[system.name], beside))
    for system in (compared.real, *compared.systems):
        if system.name in metrics:
            rows += _means(compared.name, system.name, metrics[system.name])
    return rows


def _floors(compared: Compared, metrics: Metrics, seeds: int) -> list[Record]:
    """Return what the real excerpts give when one half is set beside the other."""
    rows = []
    samples = {OWN: compared.real.features}
    if compared.real.name in metrics:
        samples[TOLD] = metrics[compared.real.name]
    for measure, sample in samples.items():
        both = [two_sample.halves(sample, seed) for seed in range(seeds)]
        found = Readings(tuple(a for one, other in both for a in areas(one, other, 1)))
        rows.append(_area(compared.name, HALVES, measure, found, None))
        if measure == TOLD:
            apart = Readings(tuple(smg.distance(a.features, b.features) for a, b in both))
            rows.append(
                Record(HALVES, compared.name, DISTANCE, "", apart.mean, apart.sd, len(both))
            )
    return rows


def _beside(compared: Compared, system: System, metrics: Metrics, seeds: int) -> list[Record]:
    if system.name not in metrics:
        return []
    real, other = metrics[compared.real.name], metrics[system.name]
    far = smg.distance(real.features, other.features)
    told = Readings(areas(real, other, seeds))
    return [
        Record(system.name, compared.name, DISTANCE, "", far, n=len(other.groups)),
        _area(compared.name, system.name, TOLD, told, None),
    ]


def _area(where: str, system: str, measure: str, found: Readings, beside: str | None) -> Record:
    return Record(system, where, measure, "", found.mean, found.sd, len(found.values), beside)


def _means(where: str, system: str, sample: Sample) -> list[Record]:
    return [
        Record(system, where, label, "", float(np.nanmean(column)), float(np.nanstd(column)),
               len(column))
        for label, column in zip(smg.METRICS.values(), sample.features.T, strict=True)
    ]  # fmt: skip


def ordered(systems: Sequence[str]) -> list[str]:
    """Return the systems of a set as they are shown: real ones, ours, others, controls."""
    first = [s for s in systems if s in {HALVES, OTHER_REAL}]
    last = [s for s in systems if s in CONTROLS]
    return [*first, *(s for s in systems if s not in {*first, *last}), *last]
