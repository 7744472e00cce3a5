"""Likelihood of held-out hymns under position-wise frequencies.

The parts that strike have frequencies by place in the beat and whether the soprano strikes; a part
that does not strike keeps its pitch at no cost; one that strikes has frequencies by role and the
soprano's pitch class. All are counted in the training hymns, with one added to each count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from export.companions.four_parts.song import Song
from stream.compose.companions.four_parts import frames
from stream.compose.companions.four_parts.line import line
from stream.compose.companions.four_parts.reference import heard, reference, relative
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.music.scale import OCTAVE

PLACES = 6
BEYOND = OCTAVE + 1
"""Soprano's classes: twelve pitch classes, and a rest."""


class Frequencies:
    """Counts of the strikes and of the pitches that strike."""

    def __init__(self, songs: Sequence[Song]) -> None:
        strikes, *pitches = frames.HEADS
        self._strikes = np.ones((PLACES, 2, strikes))
        self._pitches = np.ones((len(pitches), BEYOND, pitches[0]))
        for score in (score for song in songs for score in song.scores()):
            tokens, place, struck, soprano = _heard(score)
            np.add.at(self._strikes, (place, struck, tokens[:, 0]), 1)
            for head, begins in enumerate(_begins(tokens)):
                where = soprano[begins], tokens[begins, head + 1]
                np.add.at(self._pitches[head], where, 1)

    def nats(self, score: Score) -> np.ndarray:
        """Return minus the logarithm of the probability of each frame [T]."""
        tokens, place, struck, soprano = _heard(score)
        strikes = np.log(self._strikes / self._strikes.sum(-1, keepdims=True))
        pitches = np.log(self._pitches / self._pitches.sum(-1, keepdims=True))
        found = strikes[place, struck, tokens[:, 0]]
        for head, begins in enumerate(_begins(tokens)):
            cost = pitches[head, soprano, tokens[:, head + 1]]
            found = found + np.where(begins, cost, 0.0)
        return -found


def _heard(score: Score) -> tuple[np.ndarray, ...]:
    count = score.length // FRAME
    first = score.length - FRAME * count
    lead = line(heard(score), first, count)
    place = ((first + FRAME * np.arange(count) - score.length) % score.beat) // FRAME
    soprano = relative(lead.pitch, reference(score))
    return frames.encode(score, first, count), place, lead.struck.astype(int), soprano


def _begins(tokens: np.ndarray) -> list[np.ndarray]:
    """Return for each part True [T] where its pitch is not simply held."""
    changes = np.diff(tokens[:, 1:], axis=0, prepend=-1) != 0
    return [changes[:, i] | (((tokens[:, 0] >> i) & 1) > 0) for i in range(changes.shape[1])]
