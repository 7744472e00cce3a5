"""Repeated notes: their share, and the length of their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.record import Readings, Record
from benchmarks.vrash.tunes import pitches
from export.papers.vrash.free_play import Tokens

REPEATS, RUN = "note repeated", "longest run in 100 notes"
EXCERPT = 100
ALL = "all styles"

Sets = Mapping[str, Sequence[Tokens]]
"""Tunes by style."""


def repeats(tunes: Sequence[Tokens]) -> float:
    """Return P(pitch_t = pitch_t-1) over all adjacent pairs within tunes."""
    series = [pitches(tune) for tune in tunes]
    same = sum(int((s[1:] == s[:-1]).sum()) for s in series)
    return same / max(sum(len(s) - 1 for s in series if len(s)), 1)


def longest_run(series: np.ndarray) -> int:
    """Return the number of notes in the longest run of one pitch."""
    if not len(series):
        return 0
    edges = np.flatnonzero(np.diff(series)) + 1
    return int(np.diff(np.concatenate([[0], edges, [len(series)]])).max())


def runs(tunes: Sequence[Tokens]) -> float:
    """Return the mean longest run of stretches of 100 notes; the last of a tune may be shorter."""
    series = [pitches(tune) for tune in tunes]
    cuts = [s[i : i + EXCERPT] for s in series for i in range(0, len(s), EXCERPT)]
    return float(np.mean([longest_run(c) for c in cuts]))


def repetition(system: str, seeds: Sequence[Sets]) -> list[Record]:
    """Return both figures of each style and of all styles, one reading for each seed."""
    found = []
    for style in (ALL, *seeds[0]):
        for name, measure in ((REPEATS, repeats), (RUN, runs)):
            values = Readings(tuple(measure(_chosen(sets, style)) for sets in seeds))
            unit = "" if name == REPEATS else "notes"
            found.append(Record(system, style, name, unit, values.mean, values.sd, len(seeds)))
    return found


def _chosen(sets: Sets, style: str) -> Sequence[Tokens]:
    return [t for tunes in sets.values() for t in tunes] if style == ALL else sets[style]
