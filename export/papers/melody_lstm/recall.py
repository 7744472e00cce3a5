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

from export.models.ngram import Floats
from export.papers.melody_lstm.segments import SEGMENTS, Ints

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


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a melody is to itself."""

    source: Source
    lags: Ints
    """[D]"""
    score: Floats
    """[T, D]: up to and with each segment."""

    def votes(self, score: Floats, told: Ints, classes: int) -> Floats:
        """[T, C]: votes on `told` [T], whose i-th is voted for by row i - 1 of `score` [T - 1, D].

        The shares of a row sum to less than 1; nobody votes on the first.
        """
        count = len(told)
        # Lag d speaks of segment i when there was a segment i - d.
        there = np.arange(1, count)[:, None] >= self.lags
        strength = np.exp(self.source.weight * score, where=there, out=np.zeros_like(score))
        strength /= strength.sum(1, keepdims=True) + np.exp(self.source.doubt)
        at, of = np.nonzero(there)
        place = (at + 1) * classes + told[at + 1 - self.lags[of]]
        shares = np.bincount(place, strength[at, of], minlength=count * classes)
        return np.asarray(shares.reshape(count, classes))

    def melody(self, pitch: Ints, classes: int) -> Floats:
        """[T, C]: on each segment, from those before it."""
        return self.votes(self.score[:-1], pitch, classes)

    def chord(self, chord: Ints, classes: int) -> Floats:
        """[T, K]: on each chord, from the chords before it and the melody up to it."""
        return self.votes(self.score[1:], chord, classes)


def likeness(source: Source, pitch: Ints) -> Likeness:
    """Of a melody [T] to itself."""
    lags = np.arange(source.step, min(REACH, len(pitch) - 1) + 1, source.step)
    before = np.arange(len(pitch))[:, None] - lags
    alike = (pitch[:, None] == pitch[before.clip(min=0)]) & (before >= 0)
    if source.rate:
        signs = np.where(alike, 1.0, -1.0)
        score = lfilter([1 - source.rate], [1, -source.rate], signs, axis=0)
        return Likeness(source, lags, np.asarray(score))
    run, runs = np.zeros(len(lags)), np.empty(alike.shape)
    for i, row in enumerate(alike):
        run = (run + 1) * row
        runs[i] = run
    return Likeness(source, lags, runs.clip(max=LONGEST))


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

    def votes(self, told: Ints | None = None, classes: int = 0) -> Floats:
        """[B, C]: on the segment to come; or on what is to follow `told` [B, REACH], as chords do.

        Chords are voted on when the pitch above them has been heard.
        """
        told, classes = (self.past, self.classes) if told is None else (told, classes)
        came = told[:, -self.lags]
        score = self.score if self.source.rate else self.score.clip(max=LONGEST)
        strength = np.where(came >= 0, np.exp(self.source.weight * score), 0.0)
        strength /= strength.sum(1, keepdims=True) + np.exp(self.source.doubt)
        place = np.arange(len(came))[:, None] * classes + came.clip(min=0)
        shares = np.bincount(place.ravel(), strength.ravel(), len(came) * classes)
        return np.asarray(shares.reshape(-1, classes))
