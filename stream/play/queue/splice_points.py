"""Where the stream may be changed: at a bar line, or where a note begins."""

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
    """A place in the queue."""

    slot: Slot
    tick: int
    """Of the slot's source."""
    time: float
    """Seconds, monotonic."""


def bar_lines(source: Phrase) -> Iterable[int]:
    """Ticks of the bar lines of a composed phrase; it ends on one."""
    return range(source.length % source.bar, source.length, source.bar)


def onsets(source: Phrase) -> Iterable[int]:
    """Ticks at which notes begin."""
    return [note.onset for note in source.notes]


def next_seam(
    slots: Sequence[Slot], after: float, places: Callable[[Phrase], Iterable[int]]
) -> SplicePoint | None:
    """The first seam later than `after` (s): the head of a phrase, or one of its `places`."""
    for slot in slots:
        source = slot.source
        if slot.end <= after or source is None or slot.controls is None:
            continue
        tick_of = swing(source, slot.controls)
        inside = (tick for tick in places(source) if slot.begin < tick < slot.finish)
        for tick in (slot.begin, *inside):
            time = slot.time_at(tick_of(tick) - tick_of(slot.begin))
            if after < time < slot.end:
                return SplicePoint(slot, tick, time)
    return None


def found_again(seam: SplicePoint, slots: Sequence[Slot]) -> SplicePoint | None:
    """The same place after the queue was moved in time or arranged anew; None if it is gone."""
    for slot in slots:
        same = slot.source is seam.slot.source and slot.repeat == seam.slot.repeat
        if same and slot.controls and slot.source and slot.begin <= seam.tick < slot.finish:
            tick_of = swing(slot.source, slot.controls)
            return SplicePoint(
                slot, seam.tick, slot.time_at(tick_of(seam.tick) - tick_of(slot.begin))
            )
    return None
