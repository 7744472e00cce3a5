"""The real player on a virtual clock, and an auditor of all that it plays.

The clock jumps from deadline to deadline, and stands still while the composer owes an answer. The
auditor counts ticks in whole numbers, phrase by phrase, and compares every message with them.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from stream.music.note import TICKS_PER_BEAT
from stream.play.composer.phrase_client import PhraseClient
from stream.play.observer import Slot, Snapshot
from stream.play.sinks.base import Sink
from stream.play.timing.scheduler import TimedMessage
from stream.util.event_wait import File

BPM = 120
TICKS_PER_SECOND = BPM * TICKS_PER_BEAT // 60
ANSWER_SECONDS = 60.0
"""Given to the composer, of real time: what is measured is not how busy this machine is."""
GLANCE_SECONDS = 1.0
"""From one look at the queue to the next."""
LAST_SECONDS = 60.0
"""Of the music, in which the queue may well run dry."""


class VirtualTime:
    """Starts at the real time, so that the link's own deadlines, which are real, do no harm."""

    def __init__(self, link: PhraseClient) -> None:
        self._link = link
        self._now = time.monotonic()

    def now(self) -> float:
        return self._now

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        """Let the composer answer, if it is asked; else it is `deadline` now."""
        link = self._link
        if not link.idle:
            heard = [file for file in files if file is link]
            real = None if link.deadline is None else max(link.deadline - time.monotonic(), 0.0)
            return select.select(heard, [], [], ANSWER_SECONDS if heard else real)[0]
        if deadline is not None:
            self._now = max(self._now, deadline)
        return []


class Auditor(Sink):
    """An output and an observer in one, of `seconds` of music.

    `each_day` is called after each day of music.
    """

    def __init__(self, seconds: float, each_day: Callable[[int], None]) -> None:
        super().__init__("audit")
        self._seconds = seconds
        self.notes = 0
        self.doubled = 0
        """Notes that began while they sounded, or ended while they did not."""
        self.wrong = 0
        """Phrases that were not played as they were composed."""
        self.drift = 0.0
        """Seconds between a message and its tick, at most."""
        self.gap = 0.0
        """Seconds between a phrase and the next, at most."""
        self.queue = float("inf")
        """Seconds of music that were queued, at least."""
        self.ticks = 0
        """Of whole phrases, without repeats of our own making."""
        self._each_day = each_day
        self._days = 0
        self._origin: float | None = None
        self._heard: deque[list[TimedMessage]] = deque()
        self._slots: deque[Slot] = deque()
        self._end: float | None = None

    @property
    def hanging(self) -> int:
        """Notes that sound now."""
        return len(self._sounding)

    def send(self, timed: TimedMessage) -> None:
        message = timed.message
        if message.is_meta:
            self._audit()
            self._heard.append([])
            return
        self._heard[-1].append(timed)
        key = (message.channel, message.note)
        if message.type == "note_on":
            self.notes += 1
            self.doubled += key in self._sounding
            self._sounding.add(key)
        else:
            self.doubled += key not in self._sounding
            self._sounding.discard(key)

    def silence(self, time: float = 0.0) -> None:
        """Leave what sounds to be counted."""

    def phrase_started(self, moment: Snapshot) -> None:
        slot = moment.current
        if self._origin is None:
            self._origin = slot.start
        if self._end is not None:
            self.gap = max(self.gap, abs(slot.start - self._end))
        self._end = slot.end
        self._slots.append(slot)

    def notice(self, text: str) -> None:
        print(text, flush=True)

    def refresh(self, moment: Snapshot) -> float:
        if self._origin is not None:
            played = moment.now - self._origin
            if played < self._seconds - LAST_SECONDS:
                self.queue = min(self.queue, moment.stats.queue_seconds)
            while played >= 86_400 * (self._days + 1):
                self._days += 1
                self._each_day(self._days)
        return moment.now + GLANCE_SECONDS

    def close(self) -> None:
        """Compare the last phrase, too."""
        self._audit()

    def _audit(self) -> None:
        """Compare the phrases that are over with what was heard of them."""
        while self._heard and self._slots:
            heard, slot = self._heard.popleft(), self._slots.popleft()
            self.wrong += self._events(heard) != _composed(slot, self.ticks)
            self.ticks += slot.phrase.length

    def _events(self, heard: Sequence[TimedMessage]) -> list[tuple[int, str, int, int]]:
        """Tick from the head of the stream, kind, pitch and velocity of each message."""
        events = []
        for timed in heard:
            exact = (timed.time - self._origin) * TICKS_PER_SECOND
            tick = round(exact)
            self.drift = max(self.drift, abs(exact - tick) / TICKS_PER_SECOND)
            events.append((tick, timed.message.type, timed.message.note, timed.message.velocity))
        return sorted(events)


def _composed(slot: Slot, begin: int) -> list[tuple[int, str, int, int]]:
    """The same of a melody as it was composed, counted from tick `begin`."""
    events = []
    for note in slot.phrase.notes:
        end = min(note.end, slot.phrase.length)
        events.append((begin + note.onset, "note_on", note.pitch, note.velocity))
        events.append((begin + end, "note_off", note.pitch, 0))
    return sorted(events)


def recorded(path: Path) -> tuple[int, int]:
    """Ticks and notes of a recording of ours, read in little memory."""
    ticks = notes = 0
    with path.open("rb") as file:
        file.seek(22)
        while delta := _varint(file):
            ticks += delta[0]
            status = file.read(1)[0]
            if status == 0xFF:
                kind, length = file.read(2)
                file.read(length)
                if kind == 0x2F:
                    break
            else:
                file.read(2)
                notes += status >> 4 == 0x9
    return ticks, notes


def _varint(file: object) -> tuple[int] | None:
    value = 0
    while byte := file.read(1):
        value = value << 7 | byte[0] & 0x7F
        if byte[0] < 0x80:
            return (value,)
    return None
