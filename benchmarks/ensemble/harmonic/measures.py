"""Measures of chords under a melody, tune by tune, and how they compare with real ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensemble.harmonic.tunes import OCTAVE, key_of_song, whole
from export.companions.harmony_songs import Song
from stream.compose.companions.harmonic.rules import STRENGTHS, clashes, ends_on_tonic, fit_of
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.voicing import NO_CHORD

LOW, HIGH = 0.1, 0.9
"""Quantiles of the band in which a system's mean should lie."""
MEASURES: Final = (*STRENGTHS, "changes", "root motions", "chromatic", "clashes", "ends on tonic")
"""Shares of the melody's time on chord tones by metrical strength; changes of chord a bar; the
Jensen-Shannon divergence (bits) of the motions of the roots from those of the other real tunes;
share of time with a chord tone outside the key; clashes in a hundred bars; tonic at the end."""

Floats = NDArray[np.float64]


def motions(chords: Ints) -> Floats:
    """Return how often the root moves by each interval [12] where the chord changes."""
    changes = np.flatnonzero(np.diff(chords)) + 1
    changes = changes[(chords[changes] != NO_CHORD) & (chords[changes - 1] != NO_CHORD)]
    steps = (chords[changes] - chords[changes - 1]) % OCTAVE
    return np.bincount(steps, minlength=OCTAVE).astype(np.float64)


def divergence(one: Floats, other: Floats) -> float:
    """Return the Jensen-Shannon divergence of two counts in bits; NaN if one is empty."""
    if not (one.sum() and other.sum()):
        return math.nan
    p, q = one / one.sum(), other / other.sum()
    return _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2


def _entropy(p: Floats) -> float:
    some = p[p > 0]
    return float(-(some * np.log2(some)).sum())


def measured(song: Song, chords: Ints, real: Floats) -> tuple[float, ...]:
    """Return `MEASURES` of chords [T] under a song; `real` are motions of real roots [12]."""
    score = whole(song)
    fit, key = fit_of(chords, 0, score), key_of_song(song)
    shares = [fit.chord_tones(frames) for frames in fit.strength().values()]
    bars = len(chords) * FRAME / song.bar
    return (
        *shares, fit.changes(), divergence(motions(chords), real), fit.chromatic(key),
        100 * clashes(fit, 0, score) / bars, float(ends_on_tonic(chords, key)),
    )  # fmt: skip


def bands(rows: Sequence[tuple[float, ...]]) -> Mapping[str, tuple[float, float]]:
    """Return the 10th and the 90th percentile of each measure of real tunes."""
    low, high = np.nanquantile(np.array(rows), [LOW, HIGH], axis=0)
    return {name: (float(a), float(b)) for name, a, b in zip(MEASURES, low, high, strict=True)}


def means(rows: Sequence[tuple[float, ...]]) -> Mapping[str, float]:
    """Return the mean of each measure."""
    return dict(zip(MEASURES, np.nanmean(np.array(rows), axis=0).tolist(), strict=True))


def agreement(chords: Ints, song: Song, truth: Ints) -> tuple[float, float]:
    """Return the shares of beats in which the root agrees, and root and quality."""
    at = np.arange(0, len(truth), song.beat // FRAME)
    at = at[truth[at] != NO_CHORD]
    ours, theirs = chords[at], truth[at]
    roots = ((ours - theirs) % OCTAVE == 0) & (ours != NO_CHORD)
    return float(roots.mean()), float((ours == theirs).mean())
