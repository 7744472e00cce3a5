"""Velocity from the meter: the stronger the beat, the louder the note."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from stream.music.note import Note

OFFBEAT, BEAT, HALF_BAR, DOWNBEAT = 70, 80, 86, 96


def accented(
    notes: Sequence[Note], bar: int, unit: int, offset: int, each: int = 0
) -> tuple[Note, ...]:
    """Return the notes with their velocities; a bar has `bar` units of `unit` ticks.

    `offset` is the ticks from a bar line to onset 0, `each` the units in a beat if they are known.
    """
    return tuple(
        dataclasses.replace(n, velocity=velocity((offset + n.onset) * 12 // unit, bar, each))
        for n in notes
    )


def velocity(position: int, bar: int, each: int = 0) -> int:
    """Return the MIDI velocity of a note `position` twelfths after a bar line of `bar` units.

    `each` is the units in a beat, if they are known.
    """
    within = position % (12 * bar)
    if within == 0:
        return DOWNBEAT
    if bar % (2 * each or 2) == 0 and within == 6 * bar:
        return HALF_BAR
    return BEAT if within % (12 * (each or beat(bar))) == 0 else OFFBEAT


def beat(bar: int) -> int:
    """Return the units in a beat: 3 in compound meters (6, 9, 12), else a quarter of the bar."""
    if bar in (6, 9, 12):
        return 3
    return max(bar // 4, 1)
