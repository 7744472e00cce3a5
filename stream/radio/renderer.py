"""Turns timed messages into sound, each at the sample at which it was performed."""

from __future__ import annotations

import bisect
import contextlib
from typing import NamedTuple, Protocol

from stream.radio.encoder import RATE
from stream.radio.mp3_frames import SAMPLES

BLOCK = 4 * SAMPLES
"""Frames of sound that are made at once: four frames of MP3."""
BLOCK_SECONDS = BLOCK / RATE
STALE_SECONDS = 1.0
"""Seconds of lateness above which a note is left out; its end and all settings still count."""
NOTE_ON, NOTE_OFF, CONTROL = 0x90, 0x80, 0xB0
SHORTEST = 3
"""Bytes of a note and of a control change."""
ENDS = (120, 123)
"""Controllers that end all notes of a channel."""
MOST_EVENTS = 100_000
"""Most events that wait; the oldest are forgotten first."""


class Event(NamedTuple):
    """A MIDI message, or the title of a tune, and the time at which it was performed."""

    time: float
    """Time (s, monotonic)."""
    data: bytes = b""
    """A channel message; empty for a title."""
    title: str = ""


class Block(NamedTuple):
    """A piece of the stream, and the title of the tune that sounds at its end."""

    sound: bytes
    """Samples, later frames of MP3."""
    title: str


class Player(Protocol):
    """Plays messages, as `stream.radio.instrument.Instrument` does."""

    def perform(self, data: bytes) -> None: ...

    def sound(self, frames: int) -> bytes: ...

    def silence(self) -> None: ...


class Renderer:
    """The sound up to `position`; `now` is a time (s, monotonic)."""

    def __init__(self, player: Player, now: float) -> None:
        self._player = player
        self._begin, self._frames = now, 0
        self._events: list[Event] = []
        self._held: dict[tuple[int, int], bytes] = {}
        """The message that began each note that has not ended, by channel and pitch."""
        self._skipped = False
        """True if the notes that are held do not sound yet."""
        self.title = ""
        """Title of the tune at the position."""

    @property
    def position(self) -> float:
        """Time up to which there is sound (s, monotonic)."""
        return self._begin + self._frames / RATE

    def add(self, event: Event) -> None:
        """Add an event, which may be late or out of order."""
        bisect.insort(self._events, event, key=lambda each: each.time)
        del self._events[:-MOST_EVENTS]

    def block(self) -> Block:
        """Return the next block of samples."""
        sound, left = b"", BLOCK
        self._begin_held()
        for event in self._due(self.position + BLOCK_SECONDS):
            until = min(max(round((event.time - self.position) * RATE), 0), left)
            sound += self._sound(until)
            left -= until
            self._apply(event)
        return Block(sound + self._sound(left), self.title)

    def skip(self, time: float) -> None:
        """Move to a later time (s) without sound; only notes that are held then remain."""
        if time <= self.position:
            return
        if not self._skipped:
            self._player.silence()
            self._skipped = True
        for event in self._due(time):
            self._hold(event)
            if not event.data or event.data[0] & 0xF0 not in (NOTE_ON, NOTE_OFF):
                self._apply(event)
        self._begin, self._frames = time, 0

    def _begin_held(self) -> None:
        if self._skipped:
            self._skipped = False
            for data in self._held.values():
                self._perform(data)

    def _hold(self, event: Event) -> None:
        """Note which notes are held after an event."""
        if len(event.data) < SHORTEST:
            return
        kind, channel, number = event.data[0] & 0xF0, event.data[0] & 0x0F, event.data[1]
        if _begins_note(event.data):
            self._held[channel, number] = event.data
        elif kind in {NOTE_ON, NOTE_OFF}:
            self._held.pop((channel, number), None)
        elif kind == CONTROL and number in ENDS:
            self._held = {key: data for key, data in self._held.items() if key[0] != channel}

    def _due(self, time: float) -> list[Event]:
        """Take out the events before a time."""
        count = bisect.bisect_left(self._events, time, key=lambda each: each.time)
        due, self._events = self._events[:count], self._events[count:]
        return due

    def _sound(self, frames: int) -> bytes:
        self._frames += frames
        return self._player.sound(frames) if frames else b""

    def _apply(self, event: Event) -> None:
        if not event.data:
            self.title = event.title
            return
        self._hold(event)
        stale = event.time < self.position - STALE_SECONDS
        if not (stale and _begins_note(event.data)):
            self._perform(event.data)

    def _perform(self, data: bytes) -> None:
        with contextlib.suppress(ValueError):  # not a message
            self._player.perform(data)


def _begins_note(data: bytes) -> bool:
    return data[0] & 0xF0 == NOTE_ON and data[-1] > 0
