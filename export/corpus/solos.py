"""Performances cut into parts: a solo does not return to its beginning as a tune does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose.tunes.tune import Tune
from stream.music.note import TICKS_PER_BEAT

PART_BARS = 16
"""Bars of a part whose form is unknown."""
LEAST, MOST = 8, 36
"""Fewest bars of a chorus, and the bars of a part that holds as many choruses as fit."""

Ints = NDArray[Any]
Cut = Callable[[Tune, Ints, Ints, int], Iterator[Tune]]
"""A function from a performance, the bar and the beat of its notes, and the bars of a chorus."""


def sixteen_bars(tune: Tune, bar: Ints, beat: Ints, _chorus: int = 0) -> Iterator[Tune]:
    """Cut a performance every sixteen bars, at the bar line."""
    yield from _cut(tune, bar, beat, bar // PART_BARS)


def choruses(tune: Tune, bar: Ints, beat: Ints, chorus: int) -> Iterator[Tune]:
    """Cut a performance into whole choruses, which begin with its first bar."""
    size = chorus * max(MOST // chorus, 1) if LEAST <= chorus <= 2 * MOST else PART_BARS
    yield from _cut(tune, bar, beat, (bar - 1) // size)


def _cut(tune: Tune, bar: Ints, beat: Ints, parts: Ints) -> Iterator[Tune]:
    """Yield the notes of each part, from a bar line on."""
    if not tune.bar:
        return
    for part in np.unique(parts):
        inside = np.flatnonzero(parts == part)
        first = tune.notes[inside[0]]
        # The bar line is the tick of the beat, less the beats before it in the bar.
        line = first.onset // TICKS_PER_BEAT * TICKS_PER_BEAT
        line -= (int(beat[inside[0]]) - 1) * TICKS_PER_BEAT
        notes = tuple(n.moved(-line) for n in tune.notes[inside[0] : inside[-1] + 1])
        yield replace(
            tune, notes=notes, title=f"{tune.title}, bar {bar[inside[0]]}", downbeat=0,
            chords=tuple((onset - line, chord) for onset, chord in tune.chords),
        )  # fmt: skip


def changes_bars(changes: str) -> int:
    """Return the bars of a chorus, from changes such as `A1: ||C7 |F7 ||`; 0 without changes."""
    lines = [line.partition(":")[2] for line in changes.splitlines()]
    return sum(len([bar for bar in re.split(r"\|+", line) if bar.strip()]) for line in lines)
