"""Votes on the next segment from earlier places of the tune that resemble the present.

For each lag d a running score compares the last segments with those d before. It decays, so that a
variation lowers it for a while only. With a_t(d) = 1 where v_t = v_(t-d), else -1,

    s_t(d) = r s_(t-1)(d) + (1 - r) a_t(d);  or, for r = 0, the length of the match at lag d
    vote_(t+1)(v) = sum_d [v_(t+1-d) = v] exp(w s_t(d)) / (exp(q) + sum_e exp(w s_t(e)))

with w the weight and q the logit of no vote. The method is the project's own. Nothing here is
trained, the future is not used, and the reach bounds the state, so that a step always costs the
same. Conventions: T segments, B tunes, D lags, C classes; float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import lfilter

from export.models.ngram import Floats
from export.papers.melody_lstm.segments import SEGMENTS, Ints

REACH: Final = 512
"""Largest lag, in segments: 64 measures."""
LONGEST: Final = 24
"""Longest match that is counted, in segments."""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to score the past."""

    step: int
    """Unit of the lags in segments: `SEGMENTS` compares the same places of the measure."""
    rate: float
    """Decay r of a score a segment; 0: the score is the length of the match."""
    weight: float
    """Weight w of a score."""
    doubt: float
    """Logit q of no vote."""


SOURCES: Final = (
    Source(SEGMENTS, 0.8, 12.0, 2.0),
    Source(SEGMENTS, 0.95, 16.0, 3.0),
    Source(1, 0.0, 0.5, 1.0),
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The similarity of a melody to its own past."""

    source: Source
    lags: Ints
    """Lags in segments [D]."""
    score: Floats
    """Score of each lag up to and including each segment [T, D]."""

    def votes(self, score: Floats, values: Ints, classes: int) -> Floats:
        """Return votes [T, C] on `values` [T]; row i - 1 of `score` [T - 1, D] votes on the i-th.

        The shares of a row sum to less than 1; the first row is zero.
        """
        count = len(values)
        # Lag d votes on segment i if there was a segment i - d. [T - 1, D]
        there = np.arange(1, count)[:, None] >= self.lags
        strength = np.exp(self.source.weight * score, where=there, out=np.zeros_like(score))
        strength /= strength.sum(1, keepdims=True) + np.exp(self.source.doubt)
        at, of = np.nonzero(there)
        place = (at + 1) * classes + values[at + 1 - self.lags[of]]
        shares = np.bincount(place, strength[at, of], minlength=count * classes)
        return np.asarray(shares.reshape(count, classes))

    def melody(self, pitch: Ints, classes: int) -> Floats:
        """Return votes [T, C] on each segment, from those before it."""
        return self.votes(self.score[:-1], pitch, classes)

    def chord(self, chord: Ints, classes: int) -> Floats:
        """Return votes [T, K] on each chord, from the chords before it and the melody up to it."""
        return self.votes(self.score[1:], chord, classes)


def likeness(source: Source, pitch: Ints) -> Likeness:
    """Return the similarity of a melody [T] to its own past."""
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


class RunningVotes:
    """The votes of `Likeness`, one segment after the other, for B tunes side by side."""

    def __init__(self, source: Source, rows: int, classes: int) -> None:
        self.source, self.classes = source, classes
        self.lags = np.arange(source.step, REACH + 1, source.step)
        self.past = np.full((rows, REACH), -1, np.int64)
        """Past segments [B, REACH], the newest last; -1 before the tune."""
        self.score = np.zeros((rows, len(self.lags)))

    def observe(self, new: Ints) -> None:
        """Update the scores by a segment [B]."""
        source, before = self.source, self.past[:, -self.lags]
        alike = before == new[:, None]
        if source.rate:
            signs = np.where(alike, 1.0, -1.0)
            self.score = source.rate * self.score + (1 - source.rate) * signs
        else:
            self.score = (self.score + 1) * alike
        self.past = np.concatenate([self.past[:, 1:], new[:, None]], 1)

    def votes(self, past: Ints | None = None, classes: int = 0) -> Floats:
        """Return votes [B, C] on the next segment, or on the value that follows `past` [B, REACH].

        Votes on a chord are taken after the pitch above it has been observed.
        """
        past, classes = (self.past, self.classes) if past is None else (past, classes)
        came = past[:, -self.lags]
        score = self.score if self.source.rate else self.score.clip(max=LONGEST)
        strength = np.where(came >= 0, np.exp(self.source.weight * score), 0.0)
        strength /= strength.sum(1, keepdims=True) + np.exp(self.source.doubt)
        place = np.arange(len(came))[:, None] * classes + came.clip(min=0)
        shares = np.bincount(place.ravel(), strength.ravel(), len(came) * classes)
        return np.asarray(shares.reshape(-1, classes))
