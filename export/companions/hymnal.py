"""The companion `hymnal` in training: hymns, chorales and quartets in four parts.

Hymns are split by tune: all settings of a tune are learnt, held out, or kept for the benchmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from export.companions.four_parts import chorales, hymns, quartets
from export.companions.four_parts.song import (
    BARS,
    Phrase,
    Song,
    Tags,
    moved_register,
    phrase_of,
    piece_of,
)
from export.companions.role import Corpus, Piece
from stream.compose.companions.hymnal import KIND
from stream.compose.companions.kind import CompanionKind

STYLES = (hymns.STYLE, chorales.STYLE, quartets.STYLE)
TAGS = tuple(f"style:{style}" for style in STYLES)
FOLDS = 16
"""Folds of the tunes and quartets."""
VALID_FOLDS = (0,)
"""Folds by which the training is watched."""
MEASURED_FOLDS = (1, 2, 3)
"""Folds that nothing but the benchmark reads."""
SHARES = {"hymn": 1.0, "bach": 0.6, "quartet": 0.3}
"""Share of the songs of each style that an epoch plays."""
PHRASES = 3
"""Most phrases of a piece: a companion is primed by one phrase."""
UNTAGGED = 0.1
"""Share of the hymns that are learnt without their tag."""


def fold(group: int) -> int:
    """Return the fold of a group of songs: a hash, so that it never depends on the others."""
    return (group * 2654435761 >> 12) % FOLDS


def split(songs: Sequence[Song], folds: Sequence[int]) -> list[Song]:
    """Return the songs of these folds."""
    return [song for song in songs if fold(song.group) in folds]


def training_folds() -> tuple[int, ...]:
    """Return the folds that are learnt."""
    return tuple(f for f in range(FOLDS) if f not in VALID_FOLDS + MEASURED_FOLDS)


def tags_of(style: str) -> Tags:
    """Return the weights of the tags [3]."""
    return np.array([float(tag == f"style:{style}") for tag in TAGS], np.float32)


class HymnalCorpus:
    """The songs of one split each."""

    def __init__(self, train: Sequence[Song], valid: Sequence[Song]) -> None:
        self._train, self._valid = train, valid
        self._phrases: dict[tuple[int, int], list[Phrase]] = {}
        """Phrases by song and offset, computed when they are first drawn."""

    def train(self, rng: np.random.Generator) -> Sequence[Piece]:
        """Return pieces of up to three phrases, which begin anywhere."""
        pieces = []
        for index, song in enumerate(self._train):
            if rng.random() < SHARES[song.style]:
                pieces += self._drawn(index, rng)
        return pieces

    def valid(self) -> Sequence[Piece]:
        """Return the held-out songs, phrase by phrase."""
        return [
            piece_of([phrase_of(score) for score in song.scores()], tags_of(song.style))
            for song in self._valid
        ]

    def _drawn(self, index: int, rng: np.random.Generator) -> list[Piece]:
        style = self._train[index].style
        tags = tags_of(style)
        if style == hymns.STYLE and rng.random() < UNTAGGED:
            tags = np.zeros_like(tags)
        phrases = self._of(index, int(rng.integers(BARS)))
        octaves, begin = moved_register(rng), -int(rng.integers(PHRASES))
        return [
            piece_of(phrases[max(at, 0) : at + PHRASES], tags, octaves)
            for at in range(begin, len(phrases), PHRASES)
            if at + PHRASES > 0
        ]

    def _of(self, index: int, offset: int) -> list[Phrase]:
        key = index, offset
        if key not in self._phrases:
            scores = self._train[index].scores(BARS, offset)
            self._phrases[key] = [phrase_of(score) for score in scores]
        return self._phrases[key]


class HymnalRole:
    """The role."""

    name = "hymnal"
    kind: CompanionKind = KIND
    tags = TAGS
    hidden = 192

    def corpus(self, corpora: Path) -> Corpus:
        """Read hymns, the training and validation chorales, and quartets."""
        tunes, strings = hymns.read(corpora), quartets.read(corpora)
        folds = training_folds()
        train = [*split(tunes, folds), *chorales.read(corpora, "train"), *split(strings, folds)]
        # Hymns alone decide when training ends.
        return HymnalCorpus(train, split(tunes, VALID_FOLDS))


HYMNAL_ROLE = HymnalRole()
