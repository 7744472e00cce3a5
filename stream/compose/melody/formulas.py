"""The formulas of a style: runs of intervals that several unrelated tunes of its corpus share.

Tunes of a style draw on a common stock of turns that belong to no tune. A network that is sampled
freely may leave them halfway, at a note that is likely by itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Final

import numpy as np

from stream.compose.filter import note_runs
from stream.compose.filter.bloom import Bloom, Keys
from stream.compose.step import Ints

RUN: Final = 6
"""Intervals of a formula."""
PROBES: Final = 5


class Formulas:
    """The formulas of a style in a filter, a byte for each; chance hits are about 2 %."""

    def __init__(self, text: str) -> None:
        """Read `StyleSpec.formulas`. Raises `ValueError` for a text that is not base64."""
        table = np.frombuffer(base64.b64decode(text, validate=True) or bytes(1), np.uint8)
        self._bloom = Bloom(table, PROBES)

    @staticmethod
    def text(keys: Iterable[int]) -> str:
        """Return formulas with these keys as text, as `StyleSpec.formulas` stores them."""
        found = np.array(sorted(keys), np.uint64)
        bloom = Bloom.empty(max(len(found), 1), PROBES)
        bloom.add(found)
        return base64.b64encode(bloom.table.tobytes()).decode()

    def missed(self, pitches: Ints, counts: Ints) -> Ints:
        """Return the notes [K] from the seventh on that do not end a formula.

        `pitches` [K, N] are MIDI numbers, of which the first `counts` [K] count.
        """
        found = keys(pitches)
        missed = ~self._bloom.holds(found) & note_runs.inside(found, counts, RUN)
        return np.asarray(missed.sum(1))


def keys(pitches: Ints) -> Keys:
    """Return the keys of all runs of intervals in melodies of MIDI numbers [..., N]."""
    return note_runs.keys(pitches, np.zeros_like(pitches), RUN)
