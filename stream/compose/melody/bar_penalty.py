"""The penalty of a bar: how far it is from the outline, and what it misses or copies.

A bar costs nats for each thing in which it strays from the outline, for each note that ends no
formula of the style, and for each note that ends a long run of the training corpus.

Conventions: penalties are in nats; times in twelfths of a unit since the head of the written tune.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stream.compose.filter.novelty import Corpus
from stream.compose.melody import outline_rules, returns
from stream.compose.melody.formulas import RUN, Formulas
from stream.compose.melody.outline import EQUAL, Outline
from stream.compose.melody.returns import Bar
from stream.compose.melody.sampler import LENGTHS, decode_pitches, melody_of
from stream.compose.melody.vocabulary import REST
from stream.compose.step import Ints

Events = dict[int, tuple[int, ...]]
"""Tokens of a tune's events by their onset, in order."""
FAULT: Final = 2.0
"""Nats for each unit of fault (`outline_rules.fault`)."""
MISSED: Final = 0.5
"""Nats for each note that does not end a formula, chosen by hand with folk tunes."""
COPIED: Final = 2.0
"""Nats for each note that ends a long run of the training corpus."""
COPY: Final = 12
"""Pairs of a long run. Shorter ones are common stock: real tunes share them too."""


class BarPenalty:
    """The penalty of bars of a tune with this outline, after the events `past` of the tune."""

    def __init__(
        self, outline: Outline, past: Events, formulas: Formulas | None, corpus: Corpus
    ) -> None:
        self._outline, self._bar = outline, 12 * outline.bar
        self._formulas, self._corpus = formulas, corpus
        bars = returns.bars(_array(list(past.values())), self._bar)
        # The last bar may go on.
        self._past = bars[:-1]

    def __call__(self, events: Events, at: int) -> float:
        """Return the penalty of bar `at`, the last one of a tune so far."""
        penalty = FAULT * outline_rules.fault(self._outline, self._bars(events, at), at)
        notes = _array(_notes(events, at * self._bar, COPY))
        penalty += COPIED * self._corpus.copied(melody_of(notes), COPY)
        if self._formulas is None:
            return penalty
        return penalty + MISSED * self._formulas.missed(self._pitches(events, at))

    def _bars(self, events: Events, at: int) -> list[Bar]:
        """Return all bars up to `at`."""
        first = min(len(self._past), at)
        found: list[Bar] = [*self._past[:first], *({} for _ in range(first, at + 1))]
        for onset, (pitch_class, octave, duration) in reversed(events.items()):
            number, place = divmod(onset, self._bar)
            if number < first:
                break
            found[number][place, 16 * octave + pitch_class] = int(LENGTHS[duration])
        return found

    def _pitches(self, events: Events, at: int) -> Ints:
        """Return the pitches of a bar, with those of the notes before it that formulas need.

        The note that follows is added if the next bar is a copy.
        """
        notes = _notes(events, at * self._bar, RUN)
        following = self._following(events, at) if notes else []
        return decode_pitches(_array([*notes, *following]))

    def _following(self, events: Events, at: int) -> list[tuple[int, ...]]:
        """Return the first event of the next bar if that is a note of an earlier one."""
        if at + 1 >= self._outline.bars or self._outline.returns[at + 1].likeness != EQUAL:
            return []
        onset = (at + 1 - self._outline.returns[at + 1].lag) * self._bar
        token = events.get(onset, (REST,))
        return [] if token[0] == REST else [token]


def _notes(events: Events, begin: int, before: int) -> list[tuple[int, ...]]:
    """Return the notes from `begin` on, and as many as `before` it; none if there are none."""
    found: list[tuple[int, ...]] = []
    own = 0
    for onset, token in reversed(events.items()):
        if token[0] == REST:
            continue
        own += onset >= begin
        if not own or len(found) == own + before:
            break
        found.append(token)
    return found[::-1]


def _array(tokens: list[tuple[int, ...]]) -> Ints:
    """Return tokens as an array [n, 3], which may be empty."""
    return np.array(tokens, np.int64).reshape(-1, 3)
