"""The penalty of a bar: how far it is from the outline, and what it misses or copies.

A bar costs nats for each thing in which it strays from the outline, for each note that ends no
formula of the style, and for each note that ends a long run of the training corpus.

Conventions: penalties are in nats; times in twelfths of a unit since the head of the written tune.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.novelty import Corpus
from stream.compose.melody import outline_rules, returns
from stream.compose.melody.formulas import RUN, Formulas
from stream.compose.melody.outline import EQUAL, Outline
from stream.compose.melody.returns import Bar
from stream.compose.melody.sampler import LENGTHS, decode_pitches
from stream.compose.melody.vocabulary import REST
from stream.compose.step import Ints

Token = tuple[int, ...]
Events = dict[int, Token]
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
        tokens = np.array(list(past.values()), np.int64).reshape(-1, 3)
        bars = returns.bars(tokens, self._bar)
        # The last bar may go on.
        self._past = bars[:-1]

    def __call__(self, tunes: Iterable[tuple[Events, int]]) -> NDArray[np.float64]:
        """Return the penalty [K] of the last bar of each tune; `tunes` give its number too."""
        found = list(tunes)
        penalties = FAULT * np.array(
            [outline_rules.fault(self._outline, self._bars(*tune), tune[1]) for tune in found]
        )
        notes = [_notes(events, at * self._bar) for events, at in found]
        tokens, counts = _table([before + own for before, own in notes])
        copied = self._corpus.copied(
            (decode_pitches(tokens), LENGTHS[tokens[..., 2]]), counts, COPY
        )
        penalties += COPIED * copied
        if self._formulas is None:
            return penalties
        following = [self._following(*tune) for tune in found]
        tokens, counts = _table(
            [
                [*before[-RUN:], *own, *(following[k] if own else [])]
                for k, (before, own) in enumerate(notes)
            ]
        )
        return penalties + MISSED * self._formulas.missed(decode_pitches(tokens), counts)

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

    def _following(self, events: Events, at: int) -> list[Token]:
        """Return the first event of the next bar if that is a note of an earlier one."""
        if at + 1 >= self._outline.bars or self._outline.returns[at + 1].likeness != EQUAL:
            return []
        onset = (at + 1 - self._outline.returns[at + 1].lag) * self._bar
        token = events.get(onset, (REST,))
        return [] if token[0] == REST else [token]


def _notes(events: Events, begin: int) -> tuple[list[Token], list[Token]]:
    """Return up to `COPY` notes before `begin`, and those from there on; none if that has none."""
    before: list[Token] = []
    own: list[Token] = []
    for onset, token in reversed(events.items()):
        if token[0] == REST:
            continue
        if onset >= begin:
            own.append(token)
        elif not own or len(before) == COPY:
            break
        else:
            before.append(token)
    return before[::-1], own[::-1]


def _table(rows: list[list[Token]]) -> tuple[Ints, Ints]:
    """Return rows of tokens as an array [K, N, 3], filled up with zeros, and their counts [K]."""
    counts = np.array([len(row) for row in rows])
    tokens = np.zeros((len(rows), counts.max(), 3), np.int64)
    given = np.array(list(itertools.chain(*rows)), np.int64).reshape(-1, 3)
    tokens[np.arange(counts.max()) < counts[:, None]] = given
    return tokens, counts
