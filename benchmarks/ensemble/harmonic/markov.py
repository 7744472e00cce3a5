"""A hidden Markov harmoniser: the baseline of `benchmarks.ensemble.harmony`.

The hidden states are chords relative to the tonic, one a beat; a state emits the pitch classes of
the melody in its beat, each weighted by its share of the beat. Transitions and emissions are
counted, with Dirichlet priors. The harmonization is the likeliest path (Viterbi 1967), as in Allan
& Williams (2005), who harmonize chorales so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensemble.harmonic.tunes import Beats

CHORDS: Final = 144
"""States: 12 roots by 12 qualities."""
OCTAVE: Final = 12
UNIGRAM: Final = 4.0
"""Counts that the chances of chords without their past are worth in a transition."""
QUALITY: Final = 8.0
"""Counts that a quality's emissions, relative to the root, are worth in those of a chord."""
LEAST: Final = 0.1
"""Count of everything that could be."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Markov:
    """A trained harmoniser; all arrays are log-probabilities."""

    start: Floats
    """[144]."""
    follows: Floats
    """Chances of the next beat's chord by that of a beat [144, 144]."""
    emits: Floats
    """Pitch classes by chord [144, 12]."""

    def likeliest(self, heard: Floats) -> NDArray[np.int64]:
        """Return the likeliest chord of each beat [n] for pitch classes [n, 12], in shares."""
        seen = heard @ self.emits.T
        best, back = self.start + seen[0], []
        for row in seen[1:]:
            paths = best[:, None] + self.follows
            back.append(paths.argmax(0))
            best = paths.max(0) + row
        found = [int(best.argmax())]
        for origin in reversed(back):
            found.append(int(origin[found[-1]]))
        return np.array(found[::-1], np.int64)

    def nats(self, heard: Floats, chords: NDArray[np.int64]) -> float:
        """Return -ln P(chords [n] | melody), the melody marginalized by the forward algorithm."""
        seen = heard @ self.emits.T
        joint = self.start[chords[0]] + self.follows[chords[:-1], chords[1:]].sum()
        joint += seen[np.arange(len(chords)), chords].sum()
        alpha = self.start + seen[0]
        for row in seen[1:]:
            top = alpha.max()
            alpha = np.log(np.exp(alpha - top) @ np.exp(self.follows)) + top + row
        top = alpha.max()
        return float(np.log(np.exp(alpha - top).sum()) + top - joint)


def trained(tunes: Sequence[Beats]) -> Markov:
    """Return a harmoniser that counted these tunes."""
    single, pairs = np.full(CHORDS, LEAST), np.zeros((CHORDS, CHORDS))
    start, emitted = np.full(CHORDS, LEAST), np.zeros((CHORDS, OCTAVE))
    for tune in tunes:
        start[tune.chords[0]] += 1
        np.add.at(single, tune.chords, 1)
        np.add.at(pairs, (tune.chords[:-1], tune.chords[1:]), 1)
        np.add.at(emitted, tune.chords, tune.heard)
    chance = single / single.sum()
    follows = pairs + UNIGRAM * chance
    emits = emitted + QUALITY * _by_quality(emitted)
    return Markov(_logs(start), _logs(follows), _logs(emits))


def _by_quality(emitted: Floats) -> Floats:
    """Return the chances of emissions that all roots of a quality share [144, 12]."""
    out = np.empty_like(emitted)
    for quality in range(CHORDS // OCTAVE):
        rows = [np.roll(emitted[quality * OCTAVE + root], -root) for root in range(OCTAVE)]
        shared = np.sum(rows, 0) + LEAST
        shared /= shared.sum()
        for root in range(OCTAVE):
            out[quality * OCTAVE + root] = np.roll(shared, root)
    return out


def _logs(counts: Floats) -> Floats:
    found: Floats = np.log(counts / counts.sum(-1, keepdims=True))
    return found
