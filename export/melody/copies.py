"""Overlap of real tunes with each other: a composed tune need not share more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stream.compose.filter import novelty
from stream.compose.filter.entropy import NO_NOTES, Ints
from stream.compose.filter.entropy import NoteSeries as Notes
from stream.compose.melody.sampler import melody_of
from stream.compose.tunes.tune import Melody

USUAL = 90
"""Percentile of the real tunes that a composed one may reach."""


def notes(melody: Melody) -> Notes:
    """Return pitch [n] and length [n] in twelfths of the melody's notes, rests left out."""
    return melody_of(melody.tokens.astype(np.int64))


def corpus_table(melodies: Iterable[Melody]) -> bytes:
    """Return the filter of the runs in a corpus, for `stream.compose.filter.novelty.Corpus`."""
    return novelty.Corpus.table(map(notes, melodies))


def longest_copies(table: bytes, melodies: Sequence[Melody]) -> Ints:
    """Return the pairs in the longest run that each melody shares with the corpus, [n]."""
    return novelty.Corpus(table).shared(NO_NOTES, [notes(m) for m in melodies], 0)


def usual_copy(table: bytes, melodies: Sequence[Melody]) -> int:
    """Return the percentile `USUAL` of the longest runs of tunes outside the corpus."""
    found = longest_copies(table, melodies)
    return max(int(np.percentile(found, USUAL)), novelty.CORPUS_RUN)
