"""The rule on the form: bars return where the outline says so, and are new elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Final

import numpy as np

from stream.compose.filter.selection import Rules
from stream.compose.melody import returns
from stream.compose.melody.outline import EQUAL, NEW, Outline
from stream.compose.melody.returns import Bar
from stream.compose.melody.vocabulary import Token
from stream.compose.step import Ints
from stream.music.verdict import Rule

NAME: Final = "form"
LEAST: Final = 0.35
"""Share of a bar that a varied return has in common with its source."""
MOST: Final = 0.5
"""Bars of a phrase that may stray from the outline; a bar that only resembles counts half."""


def rules(
    outline: Outline,
    past: Sequence[Token],
    composed: Sequence[Ints],
    loose: Collection[int] = (),
) -> list[Rules]:
    """Return, for each candidate, the rule on the bars that stray from the outline.

    `past` is the written tune before the phrase, `composed` the events [n, 3] of each candidate. In
    the bars `loose` a listener asks for something that no outline says.
    """
    bar = 12 * outline.bar
    tune = np.array(past, np.int64).reshape(-1, 3)
    first = int(returns.onsets(tune)[-1]) // bar
    found: list[Rules] = []
    for events in composed:
        bars = returns.bars(np.concatenate([tune, events]), bar)
        strays = sum(
            _stray(outline, bars, at)
            for at in islice(range(len(bars)), first, outline.bars)
            if at not in loose
        )
        found.append((Rule(NAME, strays, 0.0, MOST),))
    return found


def _stray(outline: Outline, bars: Sequence[Bar], at: int) -> float:
    """Return 1 for a bar that is not what the outline says, 0.5 for one that nearly is."""
    nearly = (
        abs(returns.notes(bars[at]) - outline.counts[at]) > 1 or _distance(outline, bars, at) > 1
    )
    return max(_returning(outline, bars, at), 0.5 * nearly)


def fault(outline: Outline, bars: Sequence[Bar], at: int) -> float:
    """Return how far a bar is from the outline: 0 for one that is as the outline says.

    Bars beyond the outline have none.
    """
    if not at < min(len(bars), outline.bars):
        return 0.0
    count = abs(returns.notes(bars[at]) - outline.counts[at])
    return count + _distance(outline, bars, at) + 2 * _returning(outline, bars, at)


def _distance(outline: Outline, bars: Sequence[Bar], at: int) -> int:
    """Return the classes between the register of a bar and that of the outline."""
    register = returns.register(bars[at])
    return 0 if register is None else abs(register - outline.registers[at])


def _returning(outline: Outline, bars: Sequence[Bar], at: int) -> float:
    """Return the same for what returns in a bar."""
    planned, bar = outline.returns[at], 12 * outline.bar
    if planned.likeness == NEW:
        earlier = bars[max(at - returns.REACH, 0) : at]
        nearest = max((returns.likeness(bars[at], each, bar) for each in earlier), default=0.0)
        return 1.0 if nearest == 1 else 0.5 * (nearest >= returns.ALIKE)
    alike = returns.likeness(bars[at], bars[at - planned.lag], bar)
    if planned.likeness == EQUAL:
        return float(alike < 1)
    return 1.0 if alike < LEAST else 0.5 * (alike == 1)
