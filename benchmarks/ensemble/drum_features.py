"""Four bars of drums in 4/4 as features: density, velocity, offset, and likeness of bars.

Hits are read in the form of hits, velocities and offsets: nine classes on the grid of sixteenths,
with the loudest hit of a class in each sixteenth (Gillick et al. 2019).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stream.music.note import Note

CLASSES = ("kick", "snare", "closed hat", "open hat", "low tom", "mid tom", "high tom", "crash",
           "ride")  # fmt: skip
PITCHES = ((35, 36), (37, 38, 40), (22, 42, 44), (26, 46), (41, 43, 58), (45, 47), (48, 50),
           (49, 52, 55, 57), (51, 53, 59))  # fmt: skip
CLASS_OF = {pitch: i for i, pitches in enumerate(PITCHES) for pitch in pitches}
BARS, STEPS, UNITS = 4, 16, 120
Cells = NDArray[np.float64]


def cells(notes: Iterable[Note]) -> Cells:
    """Return velocity and offset (1/480 quarter) [2, 9, 64] of four bars; NaN without a hit."""
    found = np.full((2, len(CLASSES), BARS * STEPS), np.nan)
    for note in notes:
        at = 10 * note.onset + note.offset
        step = (at + UNITS // 2) // UNITS
        where = CLASS_OF.get(note.pitch, -1), step
        if where[0] < 0 or not 0 <= step < BARS * STEPS:
            continue
        if not found[0][where] >= note.velocity:
            found[0][where], found[1][where] = note.velocity, at - UNITS * step
    return found


def features(found: Cells) -> dict[str, float]:
    """Return the features of four bars of cells; NaN for the velocity of a class without hits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no hits is NaN
        return {**_density(found[0]), **_shape(found), **_likeness(found)}


def _density(velocity: Cells) -> dict[str, float]:
    hits = ~np.isnan(velocity)
    by_place = hits.reshape(len(CLASSES), BARS, STEPS).sum(1)
    found = {f"hits {name}": float(n) for name, n in zip(CLASSES, hits.sum(1), strict=True)}
    found["hits"] = float(hits.sum())
    for name, row in zip(CLASSES, by_place, strict=True):
        found |= {f"hits {name} at {i}": float(n) for i, n in enumerate(row)}
    return found


def _shape(found: Cells) -> dict[str, float]:
    """Return means and spreads of velocities and offsets: all, by class, by place in the beat."""
    made = {}
    for name, table in zip(("velocity", "offset"), found, strict=True):
        made |= _moments(name, table)
        for i, part in enumerate(CLASSES):
            made |= _moments(f"{name} {part}", table[i])
        for i in range(4):
            made |= _moments(f"{name} at sixteenth {i}", table[:, i::4])
        for share in (10, 50, 90):
            made[f"{name} {share} %"] = float(np.nanpercentile(table, share))
    made["offset size"] = float(np.nanmean(np.abs(found[1])))
    at_once = found[1][:, (~np.isnan(found[1])).sum(0) > 1]
    made["offset spread at once"] = (
        float(np.mean(np.nanstd(at_once, axis=0))) if at_once.size else np.nan
    )
    return made


def _moments(name: str, values: Cells) -> dict[str, float]:
    return {name: float(np.nanmean(values)), f"{name} spread": float(np.nanstd(values))}


def _likeness(found: Cells) -> dict[str, float]:
    """Return how alike bars are: common hits, and differences of velocity and offset at them."""
    bars = found.reshape(2, len(CLASSES), BARS, STEPS).transpose(2, 0, 1, 3)
    shares = [_jaccard(a[0], b[0]) for a, b in pairwise(bars)]
    apart = _jaccard(bars[0, 0], bars[2, 0]), _jaccard(bars[1, 0], bars[3, 0])
    changes = np.abs(np.diff(bars, axis=0))
    counts = (~np.isnan(bars[:, 0])).sum((1, 2))
    return {
        "likeness": float(np.mean(shares)),
        "least likeness": min(shares),
        "likeness of the last bar": shares[-1],
        "likeness two bars apart": float(np.mean(apart)),
        "velocity change": float(np.nanmean(changes[:, 0])),
        "offset change": float(np.nanmean(changes[:, 1])),
        "spread of hits a bar": float(np.std(counts)),
        "hits of the last bar": float(counts[-1]),
    }


def _jaccard(one: Cells, other: Cells) -> float:
    """Return the share of the hits of either bar that both have."""
    a, b = ~np.isnan(one), ~np.isnan(other)
    return float(np.sum(a & b) / max(np.sum(a | b), 1))


STATISTICS = ("velocity", "velocity spread", "offset", "offset spread", "offset size", "hits",
              "likeness", "velocity change", "offset change")  # fmt: skip
"""Features that are compared with the drummers' middle 80 %."""


def features_of(notes: Iterable[Note]) -> list[float]:
    """Return `STATISTICS` of the notes of four bars."""
    found = features(cells(notes))
    return [found[name] for name in STATISTICS]
