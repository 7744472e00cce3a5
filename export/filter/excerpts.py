"""Excerpts of melodies, good and bad, as the filter reads them: a tune up to the end of a phrase.

Conventions: an excerpt's events are tokens [n, 3]; those before `begin` are the tune so far, those
after it are the phrase that is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from export.filter.corruptions import KINDS, corrupted
from stream.compose.filter import entropy
from stream.compose.melody.sampler import LENGTHS, melody_of
from stream.compose.melody.vocabulary import REST
from stream.compose.tunes.tune import Melody

PHRASE_BARS = 4
PHRASES = 8
"""Number of phrases within which an excerpt ends, as many as a tune of the stream has at most."""
LEAST = 8
"""Smallest number of notes of an excerpt."""
REAL = "real"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a tune."""

    style: str
    group: int
    """Number that variants of one tune, and all excerpts made from them, share."""
    kind: str
    """`REAL`, or the kind of its corruption."""
    events: NDArray[np.int64]
    """Tokens of the events [n, 3]."""
    begin: int
    """Events before the phrase."""
    latent: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Latent point [Z]; empty if unknown."""
    bar: int = 0
    mode: str = ""

    @property
    def good(self) -> bool:
        return self.kind == REAL


def phrase_ends(melody: Melody, bars: int = PHRASE_BARS) -> NDArray[np.int64]:
    """Return the number of events that start before the end of each whole phrase."""
    if not melody.bar:
        return np.zeros(0, np.int64)
    onset = np.concatenate([[0], np.cumsum(LENGTHS[melody.tokens[:, 2]])[:-1]])
    number = onset // (12 * melody.bar * bars)
    return np.searchsorted(number, np.arange(1, int(number[-1]) + 1))


def cut(melodies: Iterable[Melody], each: int, rng: np.random.Generator) -> list[Excerpt]:
    """Return up to `each` excerpts of every melody, ending at phrases drawn without replacement.

    A melody without bar lines, or shorter than a phrase, is one excerpt as a whole.
    """
    found = []
    for melody in melodies:
        ends = phrase_ends(melody)[:PHRASES]
        ends = ends if len(ends) else np.array([len(melody.tokens)])
        begins = np.concatenate([[0], ends[:-1]])
        for i in np.sort(rng.permutation(len(ends))[:each]).tolist():
            events = melody.tokens[: ends[i]].astype(np.int64)
            if (events[:, 0] != REST).sum() >= LEAST and begins[i] < ends[i]:
                found.append(
                    Excerpt(melody.style, melody.group, REAL, events, int(begins[i]),
                            bar=melody.bar, mode=melody.mode)
                )  # fmt: skip
    return found


def corruptions(
    excerpts: Iterable[Excerpt],
    each: int,
    rng: np.random.Generator,
    kinds: Sequence[str] = tuple(KINDS),
) -> list[Excerpt]:
    """Return `each` corruptions of every excerpt, of kinds drawn without replacement."""
    found = []
    for excerpt in excerpts:
        for kind in rng.permutation(list(kinds))[:each].tolist():
            events = corrupted(kind, excerpt.events, rng)
            if events is not None:
                found.append(
                    Excerpt(excerpt.style, excerpt.group, kind, events, excerpt.begin,
                            bar=excerpt.bar, mode=excerpt.mode)
                )  # fmt: skip
    return found


def table(excerpts: Sequence[Excerpt]) -> NDArray[np.float64]:
    """Return the features of each excerpt [n, 66], in the order of `entropy.FEATURES`.

    NaN stands for a missing value.
    """
    rows = [
        entropy.features([melody_of(e.events[e.begin :])], melody_of(e.events[: e.begin]))
        for e in excerpts
    ]
    return np.concatenate(rows) if rows else np.zeros((0, len(entropy.FEATURES)))
