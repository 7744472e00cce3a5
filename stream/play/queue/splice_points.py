"""Splice points: the bar lines and note onsets at which the stream may be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.play.queue.arrange import swing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.music.note import Phrase
    from stream.play.observer import Slot


@dataclass(frozen=True, slots=True)
class SplicePoint:
    """A point in the queue at which it may be changed."""

    slot: Slot
    tick: int
    """Tick of the slot's source."""
    time: float
    """Time in seconds, monotonic."""


def bar_lines(source: Phrase) -> Iterable[int]:
    """Return the ticks of the bar lines of a composed phrase; it ends on one."""
    return range(source.length % source.bar, source.length, source.bar)


def onsets(source: Phrase) -> Iterable[int]:
    """Return the ticks at which notes begin."""
    return [note.onset for note in source.notes]


def next_splice_point(
    slots: Sequence[Slot], after: float, ticks_of: Callable[[Phrase], Iterable[int]]
) -> SplicePoint | None:
    """Return the first splice point after `after` (s): a phrase's head, or a tick of `ticks_of`."""
    for slot in slots:
        source = slot.source
        if slot.end <= after or source is None or slot.controls is None:
            continue
        tick_of = swing(source, slot.controls)
        inner_ticks = (tick for tick in ticks_of(source) if slot.begin < tick < slot.finish)
        for tick in (slot.begin, *inner_ticks):
            time = slot.time_at(tick_of(tick) - tick_of(slot.begin))
            if after < time < slot.end:
                return SplicePoint(slot, tick, time)
    return None


def relocated(splice_point: SplicePoint, slots: Sequence[Slot]) -> SplicePoint | None:
    """Return the same point after the queue was moved or rearranged; None if it was removed."""
    for slot in slots:
        same = slot.source is splice_point.slot.source and slot.repeat == splice_point.slot.repeat
        if same and slot.controls and slot.source and slot.begin <= splice_point.tick < slot.finish:
            tick_of = swing(slot.source, slot.controls)
            return SplicePoint(
                slot,
                splice_point.tick,
                slot.time_at(tick_of(splice_point.tick) - tick_of(slot.begin)),
            )
    return None
