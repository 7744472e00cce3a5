"""The real player on a virtual clock, and an auditor of everything it plays.

The clock jumps from deadline to deadline, and stands still while the composer works. The auditor
counts ticks in whole numbers, phrase by phrase, and compares every message with them.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from stream.music.midi_tracks import CHUNK, END, HEADER, META
from stream.music.note import TENTHS, TICKS_PER_BEAT
from stream.play.composer.phrase_client import PhraseClient
from stream.play.observer import Slot, Snapshot
from stream.play.sinks.base import Sink
from stream.play.timing.scheduler import TimedMessage, performed_notes
from stream.util.event_wait import File

BPM = 120
TENTHS_PER_SECOND = BPM * TICKS_PER_BEAT * TENTHS // 60
ANSWER_SECONDS = 60.0
"""Real time given to the composer, so that a busy machine does not affect the result."""
PROGRAM, NOTE_ON = 0xC, 0x9
"""High half of the status of a program change, which has one byte of data, and of a note-on."""
LOOK_SECONDS = 1.0
"""Time between two looks at the queue."""
LAST_SECONDS = 60.0
"""Time at the end of the music in which the queue may run dry."""
Event = tuple[int, str, int, int, int]
"""Tenths of a tick from the start, type, channel, pitch and velocity of a message."""


class VirtualTime:
    """A clock that starts at the real time, so that the client's real deadlines still hold."""

    def __init__(self, client: PhraseClient) -> None:
        self._client = client
        self._now = time.monotonic()

    def now(self) -> float:
        return self._now

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        """Wait for the composer's answer if a request is open; else set the clock to `deadline`."""
        client = self._client
        if not client.idle:
            readable = [file for file in files if file is client]
            real = None if client.deadline is None else max(client.deadline - time.monotonic(), 0.0)
            return select.select(readable, [], [], ANSWER_SECONDS if readable else real)[0]
        if deadline is not None:
            self._now = max(self._now, deadline)
        return []


class Auditor(Sink):
    """An output and an observer in one, for `seconds` of music.

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
        """Largest time between a message and its tick (s)."""
        self.gap = 0.0
        """Largest time between the end of a phrase and the start of the next (s)."""
        self.queue = float("inf")
        """Least music that was queued (s)."""
        self.ticks = 0
        """Ticks of whole phrases, without repeats added by the player."""
        self._each_day = each_day
        self._days = 0
        self._origin: float | None = None
        self._messages: deque[list[TimedMessage]] = deque()
        self._slots: deque[Slot] = deque()
        self._end: float | None = None

    @property
    def hanging(self) -> int:
        """Number of notes that sound now."""
        return len(self._active_notes)

    def send(self, timed: TimedMessage) -> None:
        message = timed.message
        if message.is_meta:
            if message.type == "set_tempo":  # the first message of a phrase
                self._audit()
                self._messages.append([])
            return
        if message.type not in {"note_on", "note_off"}:
            return
        self._messages[-1].append(timed)
        key = (message.channel, message.note)
        if message.type == "note_on":
            self.notes += 1
            self.doubled += key in self._active_notes
            self._active_notes.add(key)
        else:
            self.doubled += key not in self._active_notes
            self._active_notes.discard(key)

    def silence(self, time: float = 0.0) -> None:
        """Do nothing, so that hanging notes are counted."""

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
        return moment.now + LOOK_SECONDS

    def close(self) -> None:
        """Compare the last phrase as well."""
        self._audit()

    def _audit(self) -> None:
        """Compare the finished phrases with their messages."""
        while self._messages and self._slots:
            messages, slot = self._messages.popleft(), self._slots.popleft()
            self.wrong += self._events(messages) != _composed(slot, self.ticks)
            self.ticks += slot.phrase.length

    def _events(self, messages: Sequence[TimedMessage]) -> list[Event]:
        """Return the messages of a phrase as events."""
        events = []
        for timed in messages:
            exact = (timed.time - self._origin) * TENTHS_PER_SECOND
            tick = round(exact)
            self.drift = max(self.drift, abs(exact - tick) / TENTHS_PER_SECOND)
            sent = timed.message
            events.append((tick, sent.type, sent.channel, sent.note, sent.velocity))
        return sorted(events)


def _composed(slot: Slot, begin: int) -> list[Event]:
    """Return the same of a phrase as it is performed, counted from tick `begin`."""
    events = []
    for note, onset, end in performed_notes(slot.phrase.notes, slot.phrase.length):
        key = note.channel, note.pitch
        events.append((begin * TENTHS + onset, "note_on", *key, note.velocity))
        events.append((begin * TENTHS + end, "note_off", *key, 0))
    return sorted(events)


def recorded(path: Path) -> tuple[int, int]:
    """Return ticks and notes of a recording of ours, read in little memory."""
    longest = notes = 0
    with path.open("rb") as file:
        *_, tracks, _ = HEADER.unpack(file.read(HEADER.size))
        for _ in range(tracks):
            file.seek(CHUNK.size, os.SEEK_CUR)
            ticks, found = _track(file)
            longest, notes = max(longest, ticks), notes + found
    return longest, notes


def _track(file: BinaryIO) -> tuple[int, int]:
    """Return ticks and notes of one track, and leave the file at its end."""
    ticks = notes = 0
    while delta := _varint(file):
        ticks += delta[0]
        status = file.read(1)[0]
        if status == META:
            (kind,) = file.read(1)
            (length,) = _varint(file) or (0,)
            file.read(length)
            if kind == END:
                break
        else:
            file.read(1 if status >> 4 == PROGRAM else 2)
            notes += status >> 4 == NOTE_ON
    return ticks, notes


def _varint(file: BinaryIO) -> tuple[int] | None:
    value = 0
    while byte := file.read(1):
        value = value << 7 | byte[0] & 0x7F
        if byte[0] < 0x80:
            return (value,)
    return None
