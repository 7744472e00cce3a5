"""What followed in this tune when it was last like this.

For each lag a running score says how alike the last segments are to those that many segments
before; it fades, so that a variation costs a little and is got over. What came after the likeliest
of these places is voted for. Nothing here is learnt, nothing to come is looked at, and the reach
bounds what has to be remembered, so that a step costs the same for ever.
Conventions: T segments, D lags, C classes; lag d compares a segment with the one d before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import lfilter

from export.lead.segments import SEGMENTS, Ints
from export.models.ngram import Floats

REACH: Final = 512
"""Segments that are remembered: 64 measures."""
LONGEST: Final = 24
"""Segments in a row that agree, beyond which no more are counted."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to score the past."""

    step: int
    """Lags are its multiples: `SEGMENTS` compares like places of the measure alone."""
    rate: float
    """What is left of a score after a segment; 0: how many in a row agree is counted instead."""
    weight: float
    """What a score of 1 counts."""
    doubt: float
    """What the vote for nothing counts."""


SOURCES: Final = (
    Source(SEGMENTS, 0.8, 12.0, 2.0),
    Source(SEGMENTS, 0.95, 16.0, 3.0),
    Source(1, 0.0, 0.5, 1.0),
)


def votes(source: Source, heard: Ints, told: Ints, classes: int) -> Floats:
    """[T, C]: shares of the votes on `told` [T] at each segment; they sum to less than 1.

    Likeness is of `heard` [T], up to the segment before. A tune whose `heard` is one segment ahead
    of what is told is compared up to the present one.
    """
    count = len(told)
    lags = np.arange(source.step, min(REACH, count - 1) + 1, source.step)
    if not len(lags):
        return np.zeros((count, classes))
    score = _scores(source, heard[: count - 1], lags)
    # Lag d speaks of segment i when there was a segment i - d.
    there = np.arange(1, count)[:, None] >= lags
    strength = np.exp(source.weight * score, where=there, out=np.zeros_like(score))
    strength /= strength.sum(1, keepdims=True) + np.exp(source.doubt)
    at, of = np.nonzero(there)
    place = (at + 1) * classes + told[at + 1 - lags[of]]
    shares = np.bincount(place, strength[at, of], minlength=count * classes)
    return np.asarray(shares.reshape(count, classes))


def _scores(source: Source, heard: Ints, lags: Ints) -> Floats:
    """[T, D]: how alike the music up to each segment is to itself each lag before."""
    before = np.arange(len(heard))[:, None] - lags
    alike = (heard[:, None] == heard[before.clip(min=0)]) & (before >= 0)
    if source.rate:
        signs = np.where(alike, 1.0, -1.0)
        return np.asarray(lfilter([1 - source.rate], [1, -source.rate], signs, axis=0))
    run = np.zeros(len(lags))
    runs = np.empty(alike.shape)
    for i, row in enumerate(alike):
        run = (run + 1) * row
        runs[i] = run
    return runs.clip(max=LONGEST)


class Listener:
    """The same votes, one segment after the other, for B tunes side by side."""

    def __init__(self, source: Source, rows: int, classes: int) -> None:
        self.source, self.classes = source, classes
        self.lags = np.arange(source.step, REACH + 1, source.step)
        self.past = np.full((rows, REACH), -1, np.int64)
        """The newest last; -1 where there was nothing yet."""
        self.score = np.zeros((rows, len(self.lags)))

    def hear(self, new: Ints) -> None:
        """Go on by a segment [B]."""
        source, before = self.source, self.past[:, -self.lags]
        alike = before == new[:, None]
        if source.rate:
            signs = np.where(alike, 1.0, -1.0)
            self.score = source.rate * self.score + (1 - source.rate) * signs
        else:
            self.score = (self.score + 1) * alike
        self.past = np.concatenate([self.past[:, 1:], new[:, None]], 1)

    def votes(self) -> Floats:
        """[B, C]: on the segment to come."""
        told = self.past[:, -self.lags]
        score = self.score if self.source.rate else self.score.clip(max=LONGEST)
        strength = np.where(told >= 0, np.exp(self.source.weight * score), 0.0)
        strength /= strength.sum(1, keepdims=True) + np.exp(self.source.doubt)
        place = np.arange(len(told))[:, None] * self.classes + told.clip(min=0)
        shares = np.bincount(place.ravel(), strength.ravel(), len(told) * self.classes)
        return np.asarray(shares.reshape(-1, self.classes))


def melody_votes(pitch: Ints, classes: int) -> Floats:
    """[T, sources, C]: on each segment of a melody, from those before it."""
    return np.stack([votes(source, pitch, pitch, classes) for source in SOURCES], 1)


def chord_votes(pitch: Ints, chord: Ints, classes: int) -> Floats:
    """[T, sources, C]: on each chord, from the chords before it and the melody up to it."""
    # Heard one segment ahead of what is told: the present pitch is known to the chord under it.
    ahead = np.append(pitch[1:], pitch[-1:])
    return np.stack([votes(source, ahead, chord, classes) for source in SOURCES], 1)
