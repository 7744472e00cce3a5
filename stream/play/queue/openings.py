"""The openings of tunes in the queue, and the position of the stream at any place of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.music.stream_position import StreamPosition
    from stream.play.observer import Slot
    from stream.play.queue.splice_points import SplicePoint


def opens(position: StreamPosition) -> bool:
    """Return True if a tune begins at a position."""
    return position.opened == position.index


def next_opening(slots: Iterable[Slot], after: float) -> Slot | None:
    """Return the first slot that begins later than `after` (s) and opens a tune, if one does."""
    for slot in slots:
        if slot.start > after and slot.begin == 0 and slot.before and opens(slot.before):
            return slot
    return None


def position_at(
    splice_point: SplicePoint | None, last: StreamPosition, slots: Iterable[Slot]
) -> StreamPosition:
    """Return the stream's position at a splice point.

    `last` is the position after everything that is queued, which None stands for.
    """
    if splice_point is None:
        return last
    slot, index = splice_point.slot, last.index
    if slot.before is None:
        # A repeat does not belong to the stream, which continues after it.
        later = (each.before for each in slots if each.start > slot.start)
        return next((before.reindexed(index) for before in later if before), last)
    if splice_point.tick == 0 or slot.source is None:
        return slot.before.reindexed(index)
    return slot.before.within(slot.source, splice_point.tick, index)
