"""Velocity from the metre: the stronger the beat, the louder the note."""

from __future__ import annotations

OFFBEAT, BEAT, HALF_BAR, DOWNBEAT = 70, 80, 86, 96


def velocity(position: int, bar: int) -> int:
    """MIDI velocity of a note `position` twelfths after a bar line, in a bar of `bar` units."""
    within = position % (12 * bar)
    if within == 0:
        return DOWNBEAT
    if bar % 2 == 0 and within == 6 * bar:
        return HALF_BAR
    return BEAT if within % (12 * beat(bar)) == 0 else OFFBEAT


def beat(bar: int) -> int:
    """Units in a beat: three in compound metres (6, 9, 12 units), else a quarter of the bar."""
    if bar in (6, 9, 12):
        return 3
    return max(bar // 4, 1)
