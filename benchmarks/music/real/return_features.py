"""Features of what returns in an excerpt: after bars, after notes, exactly, varied or moved."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.real.neutral import Ints, Neutral
from benchmarks.music.real.pitch_features import Features

CELLS = 4
"""Parts of a unit in which the sounding pitch is compared."""
BAR_LAGS = (1, 2, 3, 4, 6, 8, 12)
NOTE_LAGS = (1, 2, 4, 8, 16, 32, 64)
GRAMS = (3, 4, 8, 12)
ALIKE = 0.6
"""Least likeness of two bars of which one is the other varied."""


def bar_features(part: Neutral) -> Features:
    """Return likenesses at the distance of bars; NaN where the excerpt is too short."""
    grid = sounding(part)
    per_bar = CELLS * part.bar / part.unit
    found: Features = {}
    for lag in BAR_LAGS:
        found[f"return: sounding after {lag} bars"] = _equal(grid, round(lag * per_bar))
        found |= _onsets_again(part, lag)
    # The lags between: every half unit up to four bars that is not near a bar line.
    between = np.arange(CELLS // 2, round(4 * per_bar), CELLS // 2)
    between = between[np.abs(between / per_bar - np.round(between / per_bar)) > 0.02]
    usual = _mean(_equal(grid, int(lag)) for lag in between)
    near = [found[f"return: sounding after {lag} bars"] for lag in (1, 2, 3, 4)]
    found["return: sounding at other lags"] = usual
    found["return: sounding at bars less other lags"] = _mean(near) - usual
    found["return: best of bars less other lags"] = float(np.nanmax(near)) - usual
    return found | _bars_alike(part)


def sounding(part: Neutral) -> Ints:
    """Return the pitch that sounds in each quarter of a unit from tick 0; negative in rests."""
    at = np.arange(0, part.end, part.unit / CELLS)
    note = np.searchsorted(part.onset, at, side="right") - 1
    held = (note >= 0) & (at < (part.onset + part.duration)[note])
    return np.asarray(np.where(held, part.pitch[note], -1))


def _onsets_again(part: Neutral, lag: int) -> Features:
    """Return the share of notes that were there so many bars before: as notes, moved, as onsets."""
    ticks = lag * part.bar
    later = part.onset - ticks >= part.onset[0]
    step = np.diff(part.pitch, prepend=part.pitch[:1])
    return {
        f"return: {name} after {lag} bars": _again(part.onset * 512 + code, later, ticks * 512)
        for name, code in (("notes", part.pitch), ("intervals", step + 256), ("onsets", 0))
    }


def _again(codes: Ints, later: NDArray[np.bool_], back: int) -> float:
    return float(np.isin(codes[later] - back, codes).mean()) if later.any() else float("nan")


def _equal(values: Ints, lag: int) -> float:
    """Return the share of values that are equal to the one `lag` before."""
    return float((values[lag:] == values[:-lag]).mean()) if lag < len(values) else float("nan")


def _bars_alike(part: Neutral) -> Features:
    """Return how bars are like the most alike of the bars before."""
    bar = part.onset // part.bar
    whole = range(int(bar[-1]))
    places = part.onset - bar * part.bar
    notes = [frozenset((places * 512 + part.pitch)[bar == b].tolist()) for b in whole]
    onsets = [frozenset(places[bar == b].tolist()) for b in whole]
    best = [max((_jaccard(notes[b], notes[a]) for a in range(b)), default=0.0) for b in whole]
    best = best[1:] or [0.0]
    again = [max((_jaccard(onsets[b], onsets[a]) for a in range(b)), default=0.0) for b in whole]
    return {
        "bars: exact returns": float(np.mean(np.equal(best, 1))),
        "bars: varied returns": float(np.mean([ALIKE <= b < 1 for b in best])),
        "bars: likeness to the most alike before": float(np.mean(best)),
        "bars: spread of that": float(np.std(best)),
        "bars: rhythms that return": float(np.mean(np.equal(again[1:] or [0.0], 1))),
        "bars: distinct rhythms": len(set(onsets)) / max(len(onsets), 1),
        "bars: share of the commonest rhythm":
            max(map(onsets.count, set(onsets)), default=0) / max(len(onsets), 1),
    }  # fmt: skip


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def note_features(part: Neutral) -> Features:
    """Return likenesses at the distance of notes, shares of distinct runs, compressibility."""
    step = np.diff(part.pitch)
    pairs = (step + 128) * 4096 + np.minimum(part.duration[1:] * 12 // part.unit, 4095)
    found: Features = {}
    for lag in NOTE_LAGS:
        if lag < len(part):
            found[f"lag: pitch after {lag} notes"] = _equal(part.pitch, lag)
    for lag in (8, 16, 32):
        if lag < len(step):
            found[f"lag: interval and duration after {lag} notes"] = _equal(pairs, lag)
    for n in GRAMS:
        found[f"runs: distinct of {n} pitches"] = _distinct(part.pitch, n)
        found[f"runs: distinct of {n} intervals with durations"] = _distinct(pairs, n)
    found["runs: longest that returns"] = float(_longest_return(pairs))
    for name, values in (("intervals", step), ("durations", part.duration * 12 // part.unit)):
        packed = zlib.compress((values & 255).astype(np.uint8).tobytes(), 9)
        found[f"runs: bytes of compressed {name}"] = len(packed) / len(values)
    return found


def _distinct(values: Ints, n: int) -> float:
    runs = np.lib.stride_tricks.sliding_window_view(values, n)
    return len({run.tobytes() for run in runs}) / len(runs)


def _longest_return(values: Ints) -> int:
    """Return the length of the longest run that occurs twice."""
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if _distinct(values, middle) < 1:
            low = middle
        else:
            high = middle - 1
    return low


def _mean(values: Iterable[float]) -> float:
    """Return the mean of the values that are numbers, or NaN."""
    numbers = [v for v in values if v == v]  # noqa: PLR0124 (NaN differs from itself)
    return float(np.mean(numbers)) if numbers else float("nan")
