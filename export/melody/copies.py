"""How much real tunes share with each other, so that a composed one need not share more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from export.corpus.tune import Melody
from stream.compose.filter import novelty
from stream.compose.filter.entropy import NOTHING
from stream.compose.filter.entropy import NoteSeries as Notes
from stream.compose.melody.sampler import melody_of

USUAL = 90
"""Percentile of the real tunes that a composed one may come up to."""


def notes(melody: Melody) -> Notes:
    """Pitch [n] and length [n] in twelfths of the melody's notes, rests left out."""
    return melody_of(melody.tokens.astype(np.int64))


def corpus_table(melodies: Iterable[Melody]) -> bytes:
    """The filter of the runs in a corpus, for `stream.compose.filter.novelty.Corpus`."""
    return novelty.Corpus.table(map(notes, melodies))


def longest_copies(table: bytes, melodies: Sequence[Melody]) -> novelty.runs.Ints:
    """[n]: pairs in the longest run that each melody shares with the corpus."""
    return novelty.Corpus(table).shared(NOTHING, [notes(m) for m in melodies], 0)


def usual_copy(table: bytes, melodies: Sequence[Melody]) -> int:
    """What tunes outside the corpus come up to: the percentile `USUAL` of their longest runs."""
    found = longest_copies(table, melodies)
    return max(int(np.percentile(found, USUAL)), novelty.CORPUS_RUN)
