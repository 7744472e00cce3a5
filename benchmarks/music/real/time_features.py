"""Features of an excerpt's time: durations, places in the bar, rests, ends of phrases, halves."""

from __future__ import annotations

import numpy as np

from benchmarks.music.real.neutral import Ints, Neutral
from benchmarks.music.real.pitch_features import (
    OCTAVE,
    Features,
    Floats,
    counts,
    degrees_of,
    entropy,
    shares,
)
from stream.compose.companions.harmonic.tonic import Key
from stream.compose.melody.vocabulary import TWELFTHS

PLACES = 8
"""Parts of a bar by which places are counted."""
CYCLES = (2, 4, 8)
"""Bars after which phrases may end."""
RATIOS = {"1:3": 1 / 3, "1:2": 1 / 2, "1:1": 1.0, "2:1": 2.0, "3:1": 3.0}


def rhythm_features(part: Neutral) -> Features:
    """Return features of durations and of places in the bar."""
    twelfths = part.duration * 12 / part.unit
    classes = np.abs(np.log(twelfths[:, None] / np.array(TWELFTHS))).argmin(1)
    hist = shares(classes, len(TWELFTHS))
    ratio = part.duration[1:] / part.duration[:-1]
    place = part.onset % part.bar
    places = shares(place * PLACES // part.bar, PLACES)
    bar = part.onset // part.bar
    density = np.bincount(bar)[:-1] if bar[-1] else np.bincount(bar)
    return {
        **{f"duration: {t}/12": hist[i] for i, t in enumerate(TWELFTHS)},
        **{f"duration: ratio {n}": float(np.mean(np.isclose(ratio, r))) for n, r in RATIOS.items()},
        "duration: entropy": entropy(hist),
        "duration: entropy of pairs": entropy(counts(classes[:-1] * 16 + classes[1:])),
        "duration: mean": float(twelfths.mean()),
        "duration: longest of a bar": float(part.duration.max() / part.bar),
        "duration: on the bar line, of a bar":
            float(part.duration[place == 0].mean() / part.bar) if (place == 0).any() else np.nan,
        **{f"place: onsets in eighth {i} of the bar": places[i] for i in range(PLACES)},
        "place: entropy": entropy(counts(place)),
        "place: units in a bar": part.bar / part.unit,
        "place: bar lines without a note": 1 - float(np.sum(place == 0)) / (bar[-1] + 1),
        "place: notes held over a bar line":
            float(np.mean((part.onset + part.duration - 1) // part.bar > bar)),
        "place: off the half unit": float(np.mean(2 * part.onset % part.unit != 0)),
        "place: syncopated": _syncopated(part),
        "density: notes in a bar": float(density.mean()),
        "density: spread": float(density.std()),
        "density: change from bar to bar":
            float(np.abs(np.diff(density)).mean()) if len(density) > 1 else 0.0,
        "density: bars of the excerpt": part.end / part.bar,
        **_rests(part),
    }  # fmt: skip


def _syncopated(part: Neutral) -> float:
    """Return the share of notes off the unit that are held beyond the next one."""
    late = part.onset % part.unit
    return float(np.mean((late > 0) & (late + part.duration > part.unit)))


def _rests(part: Neutral) -> Features:
    rest = part.steps - part.duration
    return {
        "rests: share of the time": float(rest.sum() / part.end),
        "rests: after a note": float(np.mean(rest > 0)),
        "rests: longest of a bar": float(rest.max() / part.bar),
    }


def cadence_features(part: Neutral, key: Key) -> Features:
    """Return features of the last note of every second, fourth and eighth bar of the tune."""
    degree = degrees_of(part, key)
    bar = part.onset // part.bar
    last = np.flatnonzero(np.diff(bar, append=bar[-1]))
    number = bar[last] + part.bars_before + 1
    found: Features = {}
    for cycle in CYCLES:
        found |= _ends(f"bar {cycle}", part, degree, last[number % cycle == 0])
    others = _ends("", part, degree, last[number % CYCLES[1] != 0])
    for name in ("length", "notes"):
        found[f"cadence: {name} at bar 4 less elsewhere"] = (
            found[f"cadence: bar 4, {name}"] - others[f"cadence: , {name}"]
        )
    return found


def _ends(name: str, part: Neutral, degree: Ints, last: Ints) -> Features:
    if not len(last):
        words = ("tonic", "fifth", "second", "length", "notes", "rest")
        return {f"cadence: {name}, {word}": np.nan for word in words}
    bar = part.onset // part.bar
    return {
        f"cadence: {name}, tonic": float(np.mean(degree[last] == 0)),
        f"cadence: {name}, fifth": float(np.mean(degree[last] == 7)),
        f"cadence: {name}, second": float(np.mean(degree[last] == 2)),
        f"cadence: {name}, length": float(part.duration[last].mean() / part.bar),
        f"cadence: {name}, notes": float(np.isin(bar, bar[last]).sum() / len(last)),
        f"cadence: {name}, rest": float(np.mean(part.steps[last] > part.duration[last])),
    }


def half_features(part: Neutral, key: Key) -> Features:
    """Return differences between the two halves of the excerpt's notes."""
    half = len(part) // 2
    degree, step = degrees_of(part, key), np.diff(part.pitch)
    size = np.minimum(np.abs(step), OCTAVE)
    twelfths = np.minimum(12 * part.duration // part.unit, 60)
    place = part.onset % part.bar * PLACES // part.bar
    mean = [float(part.pitch[s].mean()) for s in (slice(half), slice(half, None))]
    span = [float(np.ptp(part.pitch[s])) for s in (slice(half), slice(half, None))]
    ends = part.onset[half] - part.onset[0], part.end - part.onset[half]
    return {
        "halves: pitch classes": _apart(shares(degree[:half], 12), shares(degree[half:], 12)),
        "halves: pitches": _apart(*_pitches(part.pitch, half)),
        "halves: interval sizes": _apart(shares(size[:half], 13), shares(size[half:], 13)),
        "halves: durations": _apart(shares(twelfths[:half], 61), shares(twelfths[half:], 61)),
        "halves: places": _apart(shares(place[:half], PLACES), shares(place[half:], PLACES)),
        "halves: mean pitch": abs(mean[1] - mean[0]),
        "halves: range": abs(span[1] - span[0]),
        "halves: time": abs(float(np.log(ends[1] / ends[0]))),
    }


def _pitches(pitch: Ints, half: int) -> tuple[Floats, Floats]:
    low = pitch - pitch.min()
    classes = int(low.max()) + 1
    return shares(low[:half], classes), shares(low[half:], classes)


def _apart(one: Floats, other: Floats) -> float:
    """Return the share that would have to move to make the two equal (total variation)."""
    return float(np.abs(one - other).sum() / 2)
