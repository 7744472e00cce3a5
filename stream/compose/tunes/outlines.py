"""Outlines of real tunes (`stream.compose.melody.outline`), and the tunes as they are written.

A strain of eight bars that comes again is written once. Bars are compared by their events, as
pitch, place in the bar and duration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody import returns
from stream.compose.melody.outline import (
    MOST_NOTES,
    PHRASE_BARS,
    REGISTERS,
    Outline,
    Return,
)
from stream.compose.melody.returns import Bar, likeness
from stream.compose.tunes.implied_chords import implied
from stream.compose.tunes.tempos import tempo_of
from stream.compose.tunes.tune import Melody

SHORTEST, LONGEST = 3, 12
"""Phrases of a tune that is played."""
STRAIN: Final = 8
"""Bars of a strain."""
ENDING: Final = 0.4
"""Share of their time that is equal in a first and a second ending."""
UNIT: Final = 12
"""Ticks that divide the unit of a tune that is played."""


def written(melody: Melody) -> Melody:
    """Return a tune, whose bars are known, with each of its strains once, and its outline."""
    bar = 12 * melody.bar
    bars = returns.bars(melody.tokens, bar)
    strains, kept = _strains(bars)
    tokens, whole = _cut(melody.tokens, kept, bar)
    if not whole:
        tokens = melody.tokens
        strains, kept = [*range(-(-len(bars) // STRAIN))], [*range(len(bars))]
    lengths = tuple(
        min(STRAIN, len(kept) - at) for at in range(0, len(kept), STRAIN)
    )  # fmt: skip
    outline = Outline(
        bar=melody.bar,
        unit=melody.unit,
        mode=melody.mode,
        meter=melody.meter,
        kind=melody.kind,
        key=melody.key,
        tempo=tempo_of(melody),
        strains=tuple(strains),
        lengths=lengths,
        returns=tuple(returns.returns([bars[at] for at in kept], bar)),
        counts=tuple(_count(bars[at]) for at in kept),
        registers=_registers([bars[at] for at in kept]),
        chords=_chords(melody, kept) or tuple(implied(tokens, melody.bar, len(kept), melody.mode)),
    )
    return dataclasses.replace(melody, tokens=tokens, outline=outline)


def playable(outline: Outline) -> Outline | None:
    """Return the outline in whole phrases; None for a tune too short or too long to be played.

    A last bar that holds only the end of the last note is left out.
    """
    extra = outline.bars % PHRASE_BARS
    missing = PHRASE_BARS - extra if extra == PHRASE_BARS - 1 else 0
    bars = outline.bars - extra if not missing else outline.bars + missing
    lengths = [min(STRAIN, bars - at) for at in range(0, bars, STRAIN)]
    strains = tuple(strain for strain in outline.strains if strain < len(lengths))
    found = dataclasses.replace(
        outline,
        strains=strains,
        lengths=tuple(lengths),
        returns=(*outline.returns, *([Return()] * missing))[:bars],
        counts=(*outline.counts, *([0] * missing))[:bars],
        registers=(*outline.registers, *([outline.registers[-1]] * missing))[:bars],
    )
    fits = SHORTEST <= len(found.phrases()) <= LONGEST and outline.unit % UNIT == 0
    return found if fits else None


def _count(bar: Bar) -> int:
    """Return the notes that begin in a bar, `MOST_NOTES` at most."""
    return min(returns.notes(bar), MOST_NOTES)


def _registers(bars: Sequence[Bar]) -> tuple[int, ...]:
    """Return the register of each bar; one of rests has that of the bar before."""
    found: list[int] = []
    for bar in bars:
        register = returns.register(bar)
        if register is None:
            register = found[-1] if found else REGISTERS // 2
        found.append(register)
    return tuple(found)


def _strains(bars: list[Bar]) -> tuple[list[int], list[int]]:
    """Return the number of each played strain, and the bars that are written.

    If the last strain to be written ends the tune, it is written as it is played the last time,
    with its own ending and without an upbeat to a repeat.
    """
    order: list[int] = []
    begins: list[int] = []
    for begin in range(0, len(bars), STRAIN):
        again = (n for n, first in enumerate(begins) if _same_strain(bars, first, begin))
        number = next(again, len(begins))
        if number == len(begins):
            begins.append(begin)
        order.append(number)
    if order[-1] == len(begins) - 1:
        begins[-1] = STRAIN * (len(order) - 1)
    kept = [at for begin in begins for at in range(begin, min(begin + STRAIN, len(bars)))]
    return order, kept


def _same_strain(bars: list[Bar], first: int, begin: int) -> bool:
    """Return True if the strain at `begin` is that at `first`, but for the ending."""
    one, other = bars[first : first + STRAIN], bars[begin : begin + STRAIN]
    if len(one) != STRAIN or len(other) != STRAIN or one[:-1] != other[:-1]:
        return False
    length = max(sum(one[-1].values()), 1)
    return likeness(one[-1], other[-1], length) >= ENDING


def _cut(tokens: NDArray[np.uint8], kept: list[int], bar: int) -> tuple[NDArray[np.uint8], bool]:
    """Return the events of the written bars, and whether each is in its place in its bar.

    It is not if a note crosses a cut.
    """
    onsets = returns.onsets(tokens)[:-1]
    inside = np.isin(onsets // bar, kept)
    places = np.searchsorted(kept, onsets[inside] // bar) * bar + onsets[inside] % bar
    *written_onsets, end = returns.onsets(tokens[inside]).tolist()
    ends = 0 <= bar * len(kept) - end < bar
    return tokens[inside], ends and written_onsets == places.tolist()


def _chords(melody: Melody, kept: list[int]) -> tuple[tuple[int, int], ...]:
    """Return class and length in units of each chord over the written bars."""
    if not melody.chords:
        return ()
    onsets = np.array([onset for onset, _ in melody.chords])
    units: list[int] = []
    for at in kept:
        for unit in range(melody.bar):
            number = np.searchsorted(onsets, 12 * (at * melody.bar + unit), side="right") - 1
            units.append(melody.chords[number][1] if number >= 0 else 0)
    edges = [0, *(np.flatnonzero(np.diff(units)) + 1).tolist(), len(units)]
    return tuple((units[a], b - a) for a, b in pairwise(edges))
