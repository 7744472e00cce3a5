"""Music that returns within a tune: runs of notes, and bars that are those of four bars before.

A tune is taken as it is written: phrases that its form plays again note by note are left out. A run
of pitches is `RUN` notes' pitches in a row; a run of rhythm is their durations and distances to the
next onset. A bar returns in pitch if its notes have the pitches of the bar `LOOP` bars before, in
their order; in rhythm if they have its onsets and durations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.music.tunes import Tune
from stream.compose.filter import note_runs
from stream.compose.filter.entropy import NoteSeries
from stream.compose.memory import LOOP
from stream.music.note import Note

RUN = 8
SERIES = ("pitch", "rhythm")
LABELS = {"runs": f"runs of {RUN} notes that return", "bars": f"bars as {LOOP} bars before"}
SHUFFLES, BOOTSTRAPS = 1000, 1000

Floats = NDArray[np.float64]
Counts = dict[str, tuple[int, int]]
"""Returning ones and all, of each series and kind, such as `pitch runs`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of one tune."""

    style: str
    seed: int
    counts: Counts
    melody: NoteSeries


def written(tune: Tune) -> Tune:
    """Return a tune without the phrases that its form plays again."""
    return Tune(tuple(p for p in tune.phrases if p.verdict.candidates), tune.unit)


def counted(tune: Tune) -> Counts:
    """Return how much of a written tune returns."""
    notes, end, bar = tune.notes, tune.begins[-1], tune.phrases[0].bar
    onsets = [*(n.onset for n in notes), end]
    rhythms = [(n.duration, after - n.onset) for n, after in zip(notes, onsets[1:], strict=True)]
    bars: list[list[Note]] = [[] for _ in range(-(-end // bar))]
    for note in notes:
        bars[note.onset // bar].append(note)
    return {
        "pitch runs": _repeats([n.pitch for n in notes]),
        "rhythm runs": _repeats(rhythms),
        "pitch bars": _looped([[n.pitch for n in each] for each in bars]),
        "rhythm bars": _looped([[(n.onset % bar, n.duration) for n in each] for each in bars]),
    }


def _repeats(values: Sequence[object]) -> tuple[int, int]:
    runs = [tuple(values[i : i + RUN]) for i in range(len(values) - RUN + 1)]
    return len(runs) - len(set(runs)), len(runs)


def _looped(bars: Sequence[Sequence[object]]) -> tuple[int, int]:
    pairs = list(zip(bars[LOOP:], bars, strict=False))
    return sum(one == other for one, other in pairs), len(pairs)


@dataclass(frozen=True, slots=True)
class Curve:
    """The tunes of a knob, setting by setting."""

    settings: tuple[float, ...]
    tunes: list[list[Reading]]

    def shares(self, counts: str, style: str = "") -> Floats:
        """Return the share that returns at each setting, in one style or in all."""
        kept = [[r.counts[counts] for r in one if style in ("", r.style)] for one in self.tunes]
        sums = np.array([np.sum(one, 0) for one in kept])
        return np.asarray(sums[:, 0] / sums[:, 1], np.float64)

    def rank(self, counts: str, style: str = "") -> float:
        """Return Spearman's correlation of setting and share."""
        return float(spearmanr(self.settings, self.shares(counts, style)).statistic)

    def effect(self, counts: str) -> float:
        """Return the share at the highest setting less that at the lowest."""
        shares = self.shares(counts)
        return float(shares[-1] - shares[0])

    def shuffled(self, counts: str) -> Floats:
        """Return the correlations once the settings are shuffled within each style and seed."""
        streams: dict[tuple[str, int], Floats] = {}
        for at, one in enumerate(self.tunes):
            for r in one:
                rows = streams.setdefault((r.style, r.seed), np.zeros((len(self.settings), 2)))
                rows[at] += r.counts[counts]
        rng, found = np.random.default_rng(0), []
        for _ in range(SHUFFLES):
            sums = np.sum([rng.permutation(rows) for rows in streams.values()], 0)
            found.append(float(spearmanr(self.settings, sums[:, 0] / sums[:, 1]).statistic))
        return np.array(found)


def shared(found: Sequence[Reading], run: int) -> tuple[float, float]:
    """Return the share of runs that another tune has, and the 97.5th percentile of a bootstrap.

    Runs are of (interval, duration) pairs; the bootstrap draws tunes.
    """
    keys = [note_runs.keys(*reading.melody, run).tolist() for reading in found]
    owners: dict[int, set[int]] = {}
    for at, one in enumerate(keys):
        for key in one:
            owners.setdefault(key, set()).add(at)
    hits = np.array([sum(len(owners[key]) > 1 for key in one) for one in keys])
    sizes = np.array([len(one) for one in keys])
    drawn = np.random.default_rng(0).integers(len(keys), size=(BOOTSTRAPS, len(keys)))
    limit = np.quantile(hits[drawn].sum(1) / sizes[drawn].sum(1), 0.975)
    return float(hits.sum() / sizes.sum()), float(limit)
