"""Splice points: the bar lines and note onsets at which the stream may be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.play.queue.arrange import swing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.music.note import Controls, Phrase
    from stream.play.observer import Slot


@dataclass(frozen=True, slots=True)
class SplicePoint:
    """A point in the queue at which it may be changed."""

    slot: Slot
    tick: int
    """Tick of the slot's source."""
    time: float
    """Time in seconds, monotonic."""
    early: float = 0.0
    """Most seconds by which notes that lie behind it on the grid are performed before it."""

    @property
    def deadline(self) -> float:
        """Time (s) until which it can be used: nothing that lies behind it is performed before."""
        return self.time - self.early


def bar_lines(source: Phrase) -> Iterable[int]:
    """Return the ticks of the bar lines of a composed phrase; it ends on one."""
    return range(source.length % source.bar, source.length, source.bar)


def onsets(source: Phrase) -> Iterable[int]:
    """Return the ticks at which notes begin."""
    return [note.onset for note in source.notes]


def next_splice_point(
    slots: Sequence[Slot], after: float, ticks_of: Callable[[Phrase], Iterable[int]]
) -> SplicePoint | None:
    """Return the first splice point after `after` (s): a phrase's head, or a tick of `ticks_of`.

    No note that lies behind it on the grid is performed by `after`.
    """
    for slot in slots:
        source = slot.source
        if slot.end <= after or source is None or slot.controls is None:
            continue
        place = _places(slot, source, slot.controls)
        inner_ticks = (tick for tick in ticks_of(source) if slot.begin < tick < slot.finish)
        for tick in (slot.begin, *inner_ticks):
            found = place(tick)
            if after < found.deadline and found.time < slot.end:
                return found
    return None


def relocated(splice_point: SplicePoint, slots: Sequence[Slot]) -> SplicePoint | None:
    """Return the same point after the queue was moved or rearranged; None if it was removed."""
    for slot in slots:
        same = slot.source is splice_point.slot.source and slot.repeat == splice_point.slot.repeat
        if same and slot.controls and slot.source and slot.begin <= splice_point.tick < slot.finish:
            return _places(slot, slot.source, slot.controls)(splice_point.tick)
    return None


def _places(slot: Slot, source: Phrase, controls: Controls) -> Callable[[int], SplicePoint]:
    """Return a function that finds the splice point at a tick of the source of a slot."""
    tick_of = swing(source, controls)
    first = tick_of(slot.begin)
    early = slot.time_at(slot.early) - slot.start

    def place(tick: int) -> SplicePoint:
        time = slot.time_at(tick_of(tick) - first)
        return SplicePoint(slot, tick, time, early if tick > slot.begin else 0.0)

    return place
