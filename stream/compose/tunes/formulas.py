"""The formulas of a style, from its training tunes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from stream.compose.melody.formulas import Formulas, keys
from stream.compose.melody.sampler import melody_of
from stream.compose.tunes.tune import Melody

LEAST = 3
"""Unrelated tunes that hold a formula; a run of fewer belongs to them."""


def formulas(melodies: Iterable[Melody]) -> str:
    """Return the formulas of the melodies, as `StyleSpec.formulas` stores them.

    Variants of a tune, which share a group, count once.
    """
    held = defaultdict(set)
    for melody in melodies:
        pitches, _ = melody_of(melody.tokens.astype(np.int64))
        for key in keys(pitches).tolist():
            held[key].add(melody.group)
    return Formulas.text(key for key, groups in held.items() if len(groups) >= LEAST)
