"""Mutual information against distance for each style and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.record import Readings, Record
from benchmarks.vrash.tunes import notes, pitches
from export.papers.vrash.free_play import Tokens
from export.papers.vrash.mutual_information import Curve, Pool, area, curve, slope

NEAR, FAR, SLOPE_FROM = 16, 128, 8
LEAST_PAIRS, LEAST_TUNES = 1000, 40
ALPHABETS = {
    "pitch class": lambda tune: notes(tune)[:, 0].astype(np.int64),
    "pitch": pitches,
}
SOURCES = ("real", "LM", "VAE", "VRASH", "VRASH, filtered")
ACROSS = "VRASH, filtered as {other}"
FARTHEST = "farthest distance"
REAL_ACCEPTED, ACCEPTED, FILLED = "real tunes that pass", "tunes that pass", "places filled"
AREA, AREA_BEYOND, SLOPE, FLOOR = (
    "area under I(d)", "area beyond shuffles", "slope of ln I", "I of shuffled tunes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effort:
    """Numbers of shuffles and resamples for a curve."""

    shuffles: int = 20
    resamples: int = 100


def reach(tunes: Sequence[Tokens], farthest: int = FAR) -> int:
    """Return the largest distance, up to `farthest`, with enough pairs of notes and tunes."""
    sizes = np.array([len(notes(t)) for t in tunes])
    enough = [
        d
        for d in range(1, farthest + 1)
        if np.maximum(sizes - d, 0).sum() >= LEAST_PAIRS and (sizes > d).sum() >= LEAST_TUNES
    ]
    return max(enough, default=0)


def distances(farthest: int) -> list[int]:
    """Return every distance up to 16, then fewer and fewer up to `farthest`."""
    far = np.unique(np.geomspace(NEAR, max(farthest, NEAR), 25).round().astype(int))
    return [d for d in (*range(1, NEAR), *far.tolist()) if d <= farthest]


def measured(tunes: Sequence[Tokens], alphabet: str, farthest: int, effort: Effort) -> Curve:
    """Return the curve of one source."""
    pool = Pool.of([ALPHABETS[alphabet](tune) for tune in tunes])
    return curve(pool, distances(farthest), shuffles=effort.shuffles, resamples=effort.resamples)


def records(system: str, style: str, alphabet: str, found: Curve, tunes: int) -> list[Record]:
    """Return area and slope, with `sd` by bootstrap over the tunes, and the shuffled baseline."""
    d, far = found.distances, int(found.distances[-1])
    where = f"{style}, {alphabet}"
    near = min(NEAR, far)
    readings = (
        (AREA, "bits x notes", area(d, found.plain, near, far),
         area(d, found.plain_draws, near, far)),
        (AREA_BEYOND, "bits x notes", area(d, found.beyond, near, far),
         area(d, found.beyond_draws, near, far)),
        (SLOPE, "", slope(d, found.plain, SLOPE_FROM, far),
         slope(d, found.plain_draws, SLOPE_FROM, far)),
    )  # fmt: skip
    made = [
        Record(system, where, measure, unit, float(value), _sd(draws), tunes)
        for measure, unit, value, draws in readings
        if np.isfinite(value)
    ]
    floor = float((found.plain - found.beyond)[d >= near].mean())
    return [*made, Record(system, where, FLOOR, "bits", floor, None, tunes)]


def by_seed(
    system: str, style: str, seeds: Sequence[Sequence[Tokens]], farthest: int, effort: Effort
) -> list[Record]:
    """Return the areas of each seed's tunes alone: mean and `sd` over the seeds."""
    alone = Effort(effort.shuffles, 0)
    curves = [measured(tunes, "pitch class", farthest, alone) for tunes in seeds]
    d, near = curves[0].distances, min(NEAR, farthest)
    values: Mapping[str, Readings] = {
        AREA: Readings(tuple(float(area(d, c.plain, near, farthest)) for c in curves)),
        AREA_BEYOND: Readings(tuple(float(area(d, c.beyond, near, farthest)) for c in curves)),
    }
    return [
        Record(system, f"{style}, by seed", name, "bits x notes", r.mean, r.sd, len(seeds))
        for name, r in values.items()
    ]


def _sd(draws: np.ndarray) -> float | None:
    finite = draws[np.isfinite(draws)]
    return float(finite.std(ddof=1)) if len(finite) > 1 else None
