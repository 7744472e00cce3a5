"""A request to the composer, and the time that its answers take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from stream.music.note import ticks_to_seconds
from stream.play.queue.splice_points import next_splice_point, relocated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.music.note import Phrase
    from stream.music.stream_position import StreamPosition
    from stream.play.observer import Slot
    from stream.play.queue.splice_points import SplicePoint

    TicksOf = Callable[[Phrase], Iterable[int]]

SPLICE_SECONDS = 0.002
"""Seconds before a splice point that are needed to replace the old phrase."""
SPARE_SECONDS = 0.1
"""Least seconds of music after a splice point beyond the lead, so that what follows is in time."""
LEAD_SECONDS = 0.05
"""Least seconds that the composer gets before a splice point."""
LEAD_SHARE = 1.5
"""Factor from the composer's usual answer time to the time it gets before a splice point.

A larger factor delays what is heard; if the time is too short, only the answer's head is lost.
"""
MEDIAN_OF = 5
"""Number of answers whose median is the usual answer time: some take ten times as long."""


class Pace(NamedTuple):
    """The pace of music and composer."""

    bpm: float
    """Tempo in quarter notes a minute."""
    longest_lead: float
    """Seconds that suffice for the usual answer, and for one like the last."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A request to the composer."""

    position: StreamPosition
    at: float
    """Time of the request (s)."""
    splice_point: SplicePoint | None = None
    """Splice point for the answer; None: after everything that is queued."""
    changes: tuple[Callable[[StreamPosition], StreamPosition], ...] = ()

    def place(
        self,
        phrase: Phrase,
        slots: Sequence[Slot],
        now: float,
        ticks_of: TicksOf,
        pace: Pace,
    ) -> SplicePoint | None:
        """Return where to queue the answer to a request for a splice point; None if too late.

        An answer that opens a tune, or follows a repeat, may begin at any splice point. Any other
        replaces the old notes tick by tick, so a late one is joined at one of its own bar lines or
        notes.
        """
        requested, earliest = self.splice_point, now + SPLICE_SECONDS
        if requested is None:
            return None
        if self.opens:
            found = relocated(requested, slots)
            in_time = found is not None and found.deadline >= earliest
            return found if in_time else next_splice_point(slots, earliest, ticks_of)
        for tick in (0, *sorted(ticks_of(phrase))):
            found = relocated(replace(requested, tick=requested.tick + tick), slots)
            if found is None or found.deadline < earliest:
                continue
            left = ticks_to_seconds(phrase.length - tick, pace.bpm)
            spare = found.time + left - now - pace.longest_lead
            return found if tick == 0 or spare > SPARE_SECONDS else None
        return None

    @property
    def opens(self) -> bool:
        """True if the answer is played from its own beginning, wherever it is queued."""
        repeated = self.splice_point is not None and self.splice_point.slot.repeat
        return repeated or self.begins_tune

    @property
    def begins_tune(self) -> bool:
        """True if the answer is the first phrase of a tune."""
        return self.position.opened == self.position.index


def roomy_splice_point(
    slots: Sequence[Slot], now: float, lead: float, ticks_of: TicksOf
) -> SplicePoint | None:
    """Return the first splice point with a lead (s) before it, and enough of its phrase left."""
    splice_point = next_splice_point(slots, now + lead, ticks_of)
    while (
        splice_point is not None
        and splice_point.slot.end - splice_point.time < lead + SPARE_SECONDS
    ):
        splice_point = next_splice_point(slots, splice_point.time, ticks_of)
    return splice_point


class AnswerTimes:
    """The seconds that the last answers took, and the time to leave for the next one."""

    def __init__(self) -> None:
        self.lead = LEAD_SECONDS
        """Seconds that the composer gets before a splice point."""
        self._seconds: deque[float] = deque(maxlen=MEDIAN_OF)

    @property
    def longest_lead(self) -> float:
        """Seconds that suffice for the usual answer, and for one like the last."""
        return max(self.lead, LEAD_SHARE * self._seconds[-1])

    def add(self, seconds: float) -> None:
        """Add the seconds that an answer took."""
        self._seconds.append(seconds)
        median = sorted(self._seconds)[len(self._seconds) // 2]
        self.lead = max(LEAD_SECONDS, LEAD_SHARE * median)

    def was_late(self) -> None:
        """Leave as much time as the last answer would have needed."""
        self.lead = self.longest_lead
