"""The chain of intervals of a style, counted from its training tunes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from export.corpus.tune import Melody
from stream.compose.melody.interval_chain import CLASSES, EIGHTHS, Table, classes
from stream.compose.melody.sampler import decode_pitches
from stream.compose.melody.vocabulary import REST

ORDERS = 3
"""Contexts of 0, 1 and 2 intervals are counted."""


def counted(melodies: Iterable[Melody]) -> Table:
    """Return the table of bits of the melodies.

    P_k(x | h) = (c(h, x) + t(h) P_{k-1}(x | h')) / (n(h) + t(h)), where n counts the context, t its
    distinct successors, and P_{-1} is uniform (Witten & Bell 1991, method C).
    """
    counts = [np.zeros((CLASSES,) * (k + 1)) for k in range(ORDERS)]
    for melody in melodies:
        tokens = melody.tokens.astype(np.int64)
        found = classes(decode_pitches(tokens[tokens[:, 0] != REST]))
        for k, table in enumerate(counts):
            ends = len(found) - k
            np.add.at(table, tuple(found[i : i + ends] for i in range(k + 1)), 1)
    chance: NDArray[np.float64] = np.full(CLASSES, 1 / CLASSES)
    for table in counts:
        total, kinds = table.sum(-1, keepdims=True), (table > 0).sum(-1, keepdims=True)
        refined = (table + kinds * chance) / np.maximum(total + kinds, 1)
        chance = np.where(total > 0, refined, chance)
    return np.clip(np.round(-EIGHTHS * np.log2(chance)), 0, 255).astype(np.uint8)
