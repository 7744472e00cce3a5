"""A guess at the next chord from what a person has played until now.

A hidden Markov model (Rabiner 1989) whose hidden state is a chord, one a bar, in a key that seldom
changes. Its tables were counted in songs and solos with chords. A bar is also compared with those
8 to 64 bars before it, as tunes return after so many: each such lag predicts that the chord
of that bar comes again, and the predictions are mixed by how well they have done so far (Herbster &
Warmuth 1998).

Conventions: a chord is 12 q + root for its quality class q in `CLASSES`; G keys; B bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.scale import OCTAVE

CLASSES: Final = ("major", "minor", "dominant", "diminished")
"""Quality classes that are told apart."""
CHORDS: Final = OCTAVE * len(CLASSES)
TABLES: Final = Path(__file__).with_name("chord_guess.npz")
STRENGTHS: Final = 3
"""Metrical strengths of a note: strong beats, other beats, between beats."""
EVIDENCE: Final = 0.5
"""Weight of a beat of a note, as notes in a row are no independent evidence."""
SAME_KEY: Final = 0.98
"""Probability that a bar is in the key of the bar before."""
LAGS: Final = (8, 12, 16, 24, 32, 36, 48, 64)
"""Bars after which tunes are taken to return."""
RETURN: Final = 1.5
"""Exponent of the probability that a chord returns."""
UNSURE: Final = 0.02
"""Probability that is added to each chord of an earlier bar."""
MOST_BARS: Final = 96
"""Bars that are heard; earlier ones are forgotten."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of the model."""

    tones: Floats
    """Probability [3, Q, 12] of each pitch class above the root by strength and quality class."""
    moves: Floats
    """Probability [G, C, C] of each chord after another in each key."""
    chords: Floats
    """Probability [G, C] of each chord in each key; sums to 1 over all keys."""


@cache
def tables(path: Path = TABLES) -> Tables:
    """Return the tables in a file: those of a major and a minor key, in every key."""
    with np.load(path, allow_pickle=False) as stored:
        found = {name: np.asarray(stored[name], np.float64) for name in stored.files}
    moves, chords, modes = found["moves"], found["chords"], found["modes"]
    in_keys = [relative(key) for key in range(OCTAVE)]
    moved = np.stack([moves[:, i][:, :, i] for i in in_keys], 1)
    weighted = modes[:, None, None] / OCTAVE * np.stack([chords[:, i] for i in in_keys], 1)
    return Tables(
        _shares(found["tones"]),
        _shares(moved.reshape(-1, CHORDS, CHORDS)),
        weighted.reshape(-1, CHORDS) / weighted.sum(),
    )


def relative(key: int) -> NDArray[np.int64]:
    """Return the chord in C [C] that is each chord in another key."""
    quality, root = np.divmod(np.arange(CHORDS), OCTAVE)
    return np.asarray(OCTAVE * quality + (root - key) % OCTAVE)


class ChordGuess:
    """Guesses chords by the tables; every call starts anew."""

    def __init__(self, path: Path = TABLES) -> None:
        self._tables = tables(path)
        tones = np.log(self._tables.tones)
        self._tones = np.stack(
            [np.roll(tones[:, c // OCTAVE], c % OCTAVE, axis=1) for c in range(CHORDS)]
        )
        """Logarithm of the probability [C, 3, 12] of each pitch class in each chord."""

    def next_chords(self, heard: Sequence[Note], bar: int, count: int) -> list[int]:
        """Return the chords expected of the next bars; `heard` are notes before tick 0, of any bar.

        Bars of `bar` ticks are counted back from tick 0.
        """
        first = min((note.onset for note in heard), default=0)
        bars = min(-(-max(-first, 0) // bar), MOST_BARS)
        guess = self.guess(weights(heard, bar, bars))
        return [int(guess.ahead(n).argmax()) for n in range(count)]

    def guess(self, weighted: Floats) -> Guess:
        """Return what is known after bars of weighted pitch classes [B, 3, 12]."""
        found = Guess(self._tables)
        for bar in weighted:
            found.hear(self.likely(bar))
        return found

    def likely(self, weighted: Floats) -> Floats:
        """Return how likely the notes of a bar [3, 12] are by each chord [C]; at most 1."""
        evidence = EVIDENCE * np.einsum("sp,csp->c", weighted, self._tones)
        return np.asarray(np.exp(evidence - evidence.max()))


class Guess:
    """The chords of the bars so far as far as they are known, and what follows."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._keys = tables.chords.copy()
        """Probability [G, C] of key and chord of the next bar."""
        self._heard: list[Floats] = []
        self._gains = np.zeros(len(LAGS))
        """Nats [L] by which each lag has predicted better than the chords alone."""

    @property
    def current(self) -> Floats:
        """Probability [C] of each chord of the last bar; uniform before the first one."""
        return self._heard[-1] if self._heard else np.full(CHORDS, 1 / CHORDS)

    def ahead(self, bars: int) -> Floats:
        """Return the probability [C] of each chord so many bars after the next one."""
        keys = self._keys
        for _ in range(bars):
            keys = self._moved(keys)
        return self._mixed(keys.sum(0), len(self._heard) + bars)

    def hear(self, likely: Floats) -> None:
        """Take a bar into account; `likely` [C] is how likely its notes are by each chord."""
        expected = self._keys.sum(0)
        now = len(self._heard)
        alone = float(expected @ likely)
        for i, lag in enumerate(LAGS):
            if lag <= now:
                returned = self._returned(expected, self._heard[now - lag])
                self._gains[i] += np.log(float(returned @ likely) / alone)
        share = self._mixed(expected, now) / np.maximum(expected, 1e-12)
        keys = self._keys * share * likely
        keys /= keys.sum()
        self._heard.append(keys.sum(0))
        self._keys = self._moved(keys)

    def _moved(self, keys: Floats) -> Floats:
        """Return the probability [G, C] of key and chord a bar later."""
        stay = SAME_KEY * keys + (1 - SAME_KEY) * keys.mean(0)
        return np.asarray((stay[:, None, :] @ self._tables.moves)[:, 0])

    def _mixed(self, expected: Floats, at: int) -> Floats:
        """Return the prediction [C] of bar `at` by the chords and by the lags that reach it."""
        nats, found = [0.0], [expected]
        for lag, gain in zip(LAGS, self._gains.tolist(), strict=True):
            if 0 <= at - lag < len(self._heard):
                nats.append(gain)
                found.append(self._returned(expected, self._heard[at - lag]))
        weights = np.exp(np.array(nats) - max(nats))
        return np.asarray(weights @ np.stack(found) / weights.sum())

    @staticmethod
    def _returned(expected: Floats, earlier: Floats) -> Floats:
        return _shares(expected * (earlier + UNSURE) ** RETURN)


def weights(notes: Sequence[Note], bar: int, bars: int) -> Floats:
    """Return the beats [B, 3, 12] of each pitch class in the last bars before tick 0, by strength.

    A note that goes on from the bar before counts as one on a strong beat.
    """
    found = np.zeros((bars, STRENGTHS, OCTAVE))
    for note in notes:
        begin, end = note.onset + bars * bar, min(note.end, 0) + bars * bar
        for number in range(max(begin // bar, 0), min(-(-end // bar), bars)):
            inside = min(end, (number + 1) * bar) - max(begin, number * bar)
            at = strength(begin % bar, bar) if begin >= number * bar else 0
            found[number, at, note.pitch % OCTAVE] += max(inside, 0) / TICKS_PER_BEAT
    return found


def strength(tick: int, bar: int) -> int:
    """Return the metrical strength of a tick of a bar: 0 is the strongest."""
    beat, rest = divmod(tick, TICKS_PER_BEAT)
    if rest:
        return 2
    return 0 if beat == 0 or (2 * beat * TICKS_PER_BEAT == bar and beat > 1) else 1


def _shares(values: Floats) -> Floats:
    return np.asarray(values / values.sum(-1, keepdims=True), np.float64)
