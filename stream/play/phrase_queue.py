"""The music that waits to be played."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING

from stream.note import ticks_to_seconds
from stream.play.observer import Slot
from stream.play.scheduler import timeline

if TYPE_CHECKING:
    from stream.note import Phrase
    from stream.play.scheduler import TimedMessage


class PhraseQueue:
    """Phrases back to back in time, and their messages in order. Pure: it is told the time."""

    def __init__(self) -> None:
        self.messages: deque[TimedMessage] = deque()
        self.current: Slot | None = None
        """The phrase that has begun last."""
        self.upcoming: deque[Slot] = deque()
        self.end = 0.0
        """Seconds; the next phrase that is appended starts here."""
        self.music_seconds = 0.0
        """Length of all that was ever appended: the sum of whole phrases, free of any stall."""

    def append(self, phrase: Phrase, *, earliest: float, repeat: bool = False) -> None:
        """Queue `phrase` behind the others, and not before `earliest` (s)."""
        start = max(self.end, earliest)
        line = timeline(phrase, start)
        self.messages.extend(line.messages)
        self.upcoming.append(Slot(phrase, start, line.end, repeat))
        self.end = line.end
        self.music_seconds += ticks_to_seconds(phrase.length, phrase.bpm)

    def begun(self, now: float) -> list[Slot]:
        """The phrases that have begun since the last call; the last one becomes `current`."""
        slots = []
        while self.upcoming and self.upcoming[0].start <= now:
            self.current = self.upcoming.popleft()
            slots.append(self.current)
        return slots

    def seconds(self, now: float) -> float:
        """How much music is left."""
        return max(self.end - now, 0.0)

    def shift(self, delay: float) -> None:
        """Move all that has not been played by `delay` (s) into the future."""
        self.messages = deque(
            dataclasses.replace(timed, time=timed.time + delay) for timed in self.messages
        )
        self.upcoming = deque(_later(slot, delay) for slot in self.upcoming)
        self.current = self.current and _later(self.current, delay)
        self.end += delay


def _later(slot: Slot, delay: float) -> Slot:
    return dataclasses.replace(slot, start=slot.start + delay, end=slot.end + delay)
