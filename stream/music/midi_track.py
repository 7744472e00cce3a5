"""The events of one track of a MIDI file: notes, name, meters and mode; others are skipped."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LARGEST_NUMBER = 2**28 - 1
"""Largest number of variable length; some files write it with leading zeros, in more than four
bytes."""
META, END_OF_TRACK, ESCAPE, EXCLUSIVE = 0xFF, 0x2F, 0xF7, 0xF0
TRACK_NAME, TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x03, 0x51, 0x58, 0x59
SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""Data bytes of the system messages that have any; none of them belongs in a file."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A key that goes down (note-on) or up (note-off)."""

    tick: int
    """Tick of the file."""
    channel: int
    """MIDI channel, 0-15."""
    pitch: int
    down: bool


@dataclass(slots=True)
class Track:
    """The content of one track."""

    strikes: list[Strike] = field(default_factory=list)
    """Note-ons and note-offs in the order of the file."""
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    """Time signatures as (tick, numerator, denominator)."""
    minor: bool | None = None
    """True for minor, by the first key signature; None without one."""
    name: str = ""
    tempo: int = 0
    """Microseconds in a quarter note, by the first tempo; 0 without one."""
    end: int = 0
    """Tick of the last event."""


def read_track(data: bytes, begin: int, end: int, skipped: Counter[str]) -> tuple[Track, bool, int]:
    """Return a track from `begin` to `end`, True if it has an end mark, and the offset after it.

    `skipped` counts invalid parts by kind.
    """
    events = _Events(data, begin, end, skipped)
    ended = events.read()
    return events.track, ended, events.at


class _OverrunError(Exception):
    """An event that would extend beyond the end of its track, or whose time is invalid."""


class _Events:
    """A reader of the events of a track."""

    def __init__(self, data: bytes, begin: int, end: int, skipped: Counter[str]) -> None:
        self.track = Track()
        self.data, self.end, self.skipped = data, end, skipped
        self.at = begin
        self.running = 0
        """Status of the last channel message, which the next one may leave out."""

    def read(self) -> bool:
        """Read all events; return True if the end-of-track event was among them."""
        try:
            while self.at < self.end:
                self.track.end += self._number()
                if self._event() == END_OF_TRACK:
                    return True
        except _OverrunError:
            self.skipped["unreadable end of a track"] += 1
        return False

    def _event(self) -> int | None:
        """Read an event; return the type of a well-formed meta event, else None."""
        status = self._take(1)[0]
        if status < 0x80 and not self.running:
            self.skipped["stray byte"] += 1
        elif status < 0xF0:
            self._channel_message(status)
        elif status == META:
            return self._meta()
        elif status in (EXCLUSIVE, ESCAPE):
            self._take(self._number())
        else:
            self.skipped["system message"] += 1
            self._take(SYSTEM_DATA.get(status, 0))
        return None

    def _channel_message(self, status: int) -> None:
        if status < 0x80:
            self.at -= 1
        else:
            self.running = status
        kind, channel = self.running & 0xF0, self.running & 0x0F
        data = self._take(1 if kind in (0xC0, 0xD0) else 2)
        if not data.isascii():
            self.skipped["channel message with a value over 127"] += 1
        elif kind in (0x80, 0x90):
            down = kind == 0x90 and data[1] > 0
            self.track.strikes.append(Strike(self.track.end, channel, data[0], down))

    def _meta(self) -> int | None:
        (kind,) = self._take(1)
        data = self._take(self._number())
        if not VALID.get(kind, _anything)(data):
            self.skipped["malformed meta event"] += 1
            return None
        if kind == TRACK_NAME:
            self.track.name = self.track.name or _name(data)
        elif kind == TEMPO and not self.track.tempo:
            self.track.tempo = int.from_bytes(data)
        elif kind == TIME_SIGNATURE:
            self.track.meters.append((self.track.end, data[0], 2 ** data[1]))
        elif kind == KEY_SIGNATURE and self.track.minor is None:
            self.track.minor = bool(data[1])
        return kind

    def _number(self) -> int:
        """Read a number of variable length."""
        number = 0
        while number <= LARGEST_NUMBER:
            (byte,) = self._take(1)
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number
        raise _OverrunError

    def _take(self, count: int) -> bytes:
        if self.at + count > self.end:
            raise _OverrunError
        self.at += count
        return self.data[self.at - count : self.at]


def _anything(_: bytes) -> bool:
    return True


SMPTE_ENDS = (24, 60, 60, 30, 100)
"""Upper bounds (excluded) of hours, minutes, seconds, frames and hundredths of a frame."""
VALID: Mapping[int, Callable[[bytes], bool]] = {
    0x00: lambda d: len(d) in (0, 2),
    0x20: lambda d: len(d) == 1 and d[0] < 16,
    END_OF_TRACK: lambda d: not d,
    0x51: lambda d: len(d) == 3 and any(d),
    0x54: lambda d: len(d) == 5 and all(map(operator.lt, (d[0] & 0x9F, *d[1:]), SMPTE_ENDS)),
    TIME_SIGNATURE: lambda d: len(d) == 4 and d[0] > 0 and d[1] < 8,
    KEY_SIGNATURE: lambda d: len(d) == 2 and (d[0] < 8 or d[0] > 248) and d[1] < 2,
}
"""Checks of the data of those meta events whose form the standard fixes."""


def _name(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return " ".join(text.replace("\0", "").split())
