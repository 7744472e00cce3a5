"""Features of an excerpt's pitches: key, intervals, contour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.real.neutral import Ints, Neutral
from stream.compose.companions.harmonic.tonic import Key, key_of_notes
from stream.music.note import Note

Floats = NDArray[np.float64]
Features = dict[str, float]
OCTAVE, LEAP, SEGMENTS = 12, 5, 8
EDGES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13)
"""Least size in semitones of each class of intervals."""
SCALE = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10, 11)}
"""Pitch classes above the tonic of the scale, major and minor."""


def key_of(part: Neutral) -> Key:
    """Return the key, in which the unit counts as an eighth note."""
    ticks = np.maximum(24 * part.duration // part.unit, 1)
    return key_of_notes(
        [Note(0, d, p) for d, p in zip(ticks.tolist(), part.pitch.tolist(), strict=True)],
        closing=False,
    )


def degrees_of(part: Neutral, key: Key) -> Ints:
    """Return the semitones of each note above the nearest tonic below [n]."""
    return np.asarray((part.pitch - key.tonic) % OCTAVE)


def key_features(part: Neutral, key: Key) -> Features:
    """Return features of pitch classes above the tonic."""
    degree = degrees_of(part, key)
    time = shares(degree, OCTAVE, np.minimum(part.duration, 4 * part.unit))
    strong = shares(degree[part.onset % part.bar == 0], OCTAVE)
    windows = [entropy(shares(degree[i : i + 16], OCTAVE)) for i in range(0, len(part) - 15, 8)]
    inside = np.isin(degree, SCALE[key.minor])
    scale = [len(set(degree[i : i + 16].tolist())) for i in range(0, len(part) - 15, 8)]
    return {
        **{f"key: degree {i}": time[i] for i in range(OCTAVE)},
        **{f"strong: degree {i} at bar lines": strong[i] for i in range(OCTAVE)},
        "key: minor": float(key.minor),
        "key: in the scale": float(inside.mean()),
        "key: pitch classes": float(len(np.unique(degree))),
        "key: pitches": float(len(np.unique(part.pitch))),
        "key: entropy of pitch classes": entropy(time),
        "key: entropy of pitches": entropy(counts(part.pitch)),
        "key: entropy in 16 notes, mean": float(np.mean(windows)),
        "key: entropy in 16 notes, least": float(np.min(windows)),
        "key: entropy in 16 notes, spread": float(np.std(windows)),
        "key: pitch classes in 16 notes": float(np.mean(scale)),
    }


def interval_features(part: Neutral) -> Features:
    """Return features of intervals and of their order."""
    step = np.diff(part.pitch)
    size, sign = np.abs(step), np.sign(step)
    hist = shares(np.searchsorted(EDGES, size, side="right") - 1, len(EDGES))
    moving = sign[sign != 0]
    runs = _runs(part.pitch)
    a, b = step[:-1], step[1:]
    same = np.sign(a) * np.sign(b) > 0
    stepwise = (size > 0) & (size <= 2)
    skips = (size >= 3) & (size <= LEAP)
    leaps = np.abs(a) >= LEAP
    return {
        **{f"interval: size {e}": hist[i] for i, e in enumerate(EDGES)},
        "interval: upward": float(np.mean(moving > 0)) if len(moving) else 0.5,
        "interval: upward steps": _mean(sign[stepwise] > 0),
        "interval: upward leaps": _mean(sign[size >= LEAP] > 0),
        "interval: mean size": float(size.mean()),
        "interval: spread of sizes": float(size.std()),
        "interval: widest": float(size.max()),
        "interval: entropy": entropy(counts(step)),
        "interval: entropy of pairs": entropy(counts(a * 64 + b)),
        "motion: turns": _mean(np.sign(a) * np.sign(b) < 0),
        "motion: same direction": _mean(same),
        "motion: leaps that turn": _mean(np.sign(b[leaps]) == -np.sign(a[leaps])),
        "motion: leaps that a step back follows":
            _mean((np.sign(b[leaps]) == -np.sign(a[leaps])) & (np.abs(b[leaps]) <= 2)),
        "motion: leaps that a leap follows": _mean(np.abs(b[leaps]) >= LEAP),
        "motion: scale runs": _mean(same & stepwise[:-1] & stepwise[1:]),
        "motion: broken chords": _mean(same & skips[:-1] & skips[1:]),
        "motion: back to the note before the last": _mean((a == -b) & (a != 0)),
        "motion: longest way in one direction": float(max(_runs(moving), default=0)),
        "motion: mean way in one direction": float(np.mean(_runs(moving) or [0])),
        "repeats: share": float(np.mean(size == 0)),
        "repeats: longest run of one pitch": float(max(runs)),
        "repeats: notes in runs of three or more": sum(r for r in runs if r > 2) / len(part),
    }  # fmt: skip


def contour_features(part: Neutral) -> Features:
    """Return features of range and contour."""
    pitch = part.pitch - part.pitch.mean()
    segments = [float(s.mean()) for s in np.array_split(pitch, SEGMENTS)]
    line = np.flatnonzero(part.onset % part.bar == 0)
    across = line[line > 0]
    strong = pitch[line] if len(line) else np.zeros(1)
    bars = np.unique(part.onset // part.bar, return_index=True)[1]
    spans = [float(np.ptp(part.pitch[a:b])) for a, b in pairwise([*bars, len(part)])]
    return {
        "contour: range": float(np.ptp(pitch)),
        "contour: spread": float(pitch.std()),
        "contour: skew": float((pitch**3).mean() / max(pitch.std() ** 3, 1e-9)),
        "contour: slope": float(np.polyfit(np.linspace(0, 1, len(part)), pitch, 1)[0]),
        "contour: place of the highest": float(pitch.argmax() / len(part)),
        "contour: place of the lowest": float(pitch.argmin() / len(part)),
        "contour: times at the highest": float(np.sum(pitch == pitch.max())),
        "contour: spread of segments": float(np.std(segments)),
        **{f"contour: segment {i}": s for i, s in enumerate(segments)},
        "contour: interval over the bar line": _mean(np.abs(np.diff(part.pitch))[across - 1]),
        "contour: from bar line to bar line": _mean(np.abs(np.diff(strong))),
        "contour: strong notes above the mean": float(strong.mean()),
        "contour: range of a bar, mean": float(np.mean(spans)),
        "contour: range of a bar, spread": float(np.std(spans)),
    }


def shares(values: Ints, classes: int, weights: Ints | None = None) -> Floats:
    """Return the share of each class [classes]; zeros for no values."""
    found = np.bincount(values, weights, minlength=classes).astype(np.float64)
    return found / max(found.sum(), 1e-9)


def counts(values: Ints) -> Floats:
    """Return the share of each value that occurs."""
    found = np.unique(values, return_counts=True)[1]
    return np.asarray(found / found.sum())


def entropy(p: Floats) -> float:
    """Return the entropy of shares in bits."""
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def _runs(values: Ints) -> list[int]:
    """Return the lengths of runs of one value."""
    if not len(values):
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    return np.diff([0, *edges.tolist(), len(values)]).tolist()


def _mean(values: NDArray[np.generic]) -> float:
    """Return the mean, or NaN of nothing."""
    return float(np.mean(values)) if len(values) else float("nan")
