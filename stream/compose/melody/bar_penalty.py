"""The penalty of a bar: how far it is from what the outline says, and from the style's formulas.

Conventions: penalties are in nats; times in twelfths of a unit since the head of the written tune.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from stream.compose.melody import outline_rules, returns
from stream.compose.melody.formulas import RUN, Formulas
from stream.compose.melody.outline import EQUAL, Outline
from stream.compose.melody.sampler import decode_pitches
from stream.compose.melody.vocabulary import REST
from stream.compose.step import Ints

Events = Mapping[int, tuple[int, ...]]
"""Tokens of a tune's events by their onset, in order."""
FAULT: Final = 2.0
"""Nats for each unit of fault (`outline_rules.fault`)."""
MISSED: Final = 0.5
"""Nats for each note that does not end a formula, chosen by hand with folk tunes."""


class BarPenalty:
    """The penalty of bars of a tune with this outline, in a style with these formulas if any."""

    def __init__(self, outline: Outline, formulas: Formulas | None) -> None:
        self._outline, self._formulas = outline, formulas
        self._bar = 12 * outline.bar

    def __call__(self, events: Events, at: int) -> float:
        """Return the penalty of bar `at`, the last one of a tune so far."""
        bars = returns.bars(np.array(list(events.values())), self._bar)
        penalty = FAULT * outline_rules.fault(self._outline, bars, at)
        if self._formulas is None:
            return penalty
        return penalty + MISSED * self._formulas.missed(self._pitches(events, at))

    def _pitches(self, events: Events, at: int) -> Ints:
        """Return the pitches of a bar, with those of the notes before it that formulas need.

        The note that follows is added if the next bar is a copy.
        """
        begin, end = at * self._bar, (at + 1) * self._bar
        notes = [(onset, token) for onset, token in events.items() if token[0] != REST]
        own = sum(onset >= begin for onset, _ in notes)
        tokens = [token for _, token in notes[-own - RUN :]] if own else []
        following = self._following(events, at, end)
        tokens += [following] * bool(following)
        return decode_pitches(np.array(tokens, np.int64).reshape(-1, 3))

    def _following(self, events: Events, at: int, end: int) -> tuple[int, ...]:
        """Return the first event of the next bar if that is a note of an earlier one."""
        if at + 1 >= self._outline.bars or self._outline.returns[at + 1].likeness != EQUAL:
            return ()
        token = events.get(end - self._outline.returns[at + 1].lag * self._bar, (REST,))
        return () if token[0] == REST else token
