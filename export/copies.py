"""How much real tunes share with each other, so that a composed one need not share more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from export.corpus.tune import Melody
from stream.compose import novelty
from stream.compose.sampler import decode_pitches
from stream.compose.vocabulary import REST, TWELFTHS

USUAL = 90
"""Percentile of the real tunes that a composed one may come up to."""
NOTHING: novelty.Melody = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def notes(melody: Melody) -> novelty.Melody:
    """Pitch [n] and length [n] in twelfths of the melody's notes, rests left out."""
    tokens = melody.tokens[melody.tokens[:, 0] != REST].astype(np.int64)
    return decode_pitches(tokens), np.array(TWELFTHS)[tokens[:, 2]]


def corpus_table(melodies: Iterable[Melody]) -> bytes:
    """The filter of the runs in a corpus, for `stream.compose.novelty.Corpus`."""
    return novelty.Corpus.table(map(notes, melodies))


def longest_copies(table: bytes, melodies: Sequence[Melody]) -> novelty.runs.Ints:
    """[n]: pairs in the longest run that each melody shares with the corpus."""
    return novelty.Corpus(table).shared(NOTHING, [notes(m) for m in melodies], 0)


def usual_copy(table: bytes, melodies: Sequence[Melody]) -> int:
    """What tunes outside the corpus come up to: the percentile `USUAL` of their longest runs."""
    found = longest_copies(table, melodies)
    return max(int(np.percentile(found, USUAL)), novelty.CORPUS_RUN)
