"""MIDI files of our own as one track (format 0) or as a track for each part (format 1).

A file can grow safely only as one track; other programs want one for each part. So a file is
divided when it is complete, and joined again when it is continued. Only what this program writes is
read, with 480 ticks to the quarter note. Reading pauses now and then, because a note may be due in
another thread. Events are passed on one by one: a month of music has a hundred million of them.
"""

from __future__ import annotations

import heapq
import re
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

TICKS: Final = 480
"""Ticks of the files in a quarter note."""
CHUNK: Final = struct.Struct(">4sL")
HEADER: Final = struct.Struct(">4sLHHH")
META: Final = 0xFF
TEXT, NAME, MARKER, END, TEMPO = 0x01, 0x03, 0x06, 0x2F, 0x51
"""Types of meta events."""
ONE_BYTE: Final = frozenset({0xC0, 0xD0})
"""Statuses of the messages with one byte of data."""
FIRST_STATUS, SYSTEM = 0x80, 0xF0
"""Lowest status of a message, and of a system message."""
PROGRAM, CONTROL, NOTE_OFF = 0xC0, 0xB0, 0x80
TITLE: Final = re.compile(rb"[^:]*: (?P<title>.*)", re.DOTALL)
"""Marker with which a tune begins: its style and its title."""
BATCH, PAUSE_SECONDS = 256, 0.0005
"""Events that are read without a pause, and the seconds of the pause after them."""

Event = tuple[int, bytes]
"""Tick of the file, and the bytes of the event without its delta time."""


@dataclass(frozen=True, slots=True)
class TuneFile:
    """One tune of a file, as a file of its own."""

    title: str
    data: bytes


def divided(data: bytes, names: Mapping[int, str]) -> bytes:
    """Return a file of one track as one of format 1.

    The first track has tempo, signatures and markers, the others the messages of one channel each,
    by number. `names` are the names of the channels (0-15). Raises `ValueError` for another file.
    """
    return _file(_events(data), names)


def joined(data: bytes) -> bytes:
    """Return a file of format 1 as one track, without the names. Raises `ValueError`."""
    track, last = _Track(), 0
    for tick, event in heapq.merge(*map(_track_events, _tracks(data)), key=itemgetter(0)):
        last = max(last, tick)
        if event[:2] != bytes((META, NAME)):
            track.add(tick, event)
    body = track.ended(last)
    return HEADER.pack(b"MThd", 6, 0, 1, TICKS) + CHUNK.pack(b"MTrk", len(body)) + body


def tunes(data: bytes) -> Iterator[TuneFile]:
    """Yield each tune of a file as a file of format 1 with its instruments.

    Raises `ValueError` for another file.
    """
    names = _names(data)
    events = list(_events(joined(data)))
    begins = [(tick, title) for tick, event in events if (title := _title(event))]
    ends = [*(tick for tick, _ in begins[1:]), events[-1][0]]
    for (begin, title), end in zip(begins, ends, strict=True):
        before = [event for tick, event in events if tick < begin]
        setup = [(0, event) for event in _settings(before)]
        own = [(tick - begin, event) for tick, event in events if begin <= tick <= end]
        kept = [each for each in own if _belongs(each, end - begin, end == events[-1][0])]
        yield TuneFile(title, _file([*setup, *kept, (end - begin, bytes((META, END, 0)))], names))


def _belongs(event: Event, length: int, last: bool) -> bool:  # noqa: FBT001 (a fact of the tune)
    """Return True unless an event at an edge of a tune belongs to the tune beside it."""
    tick, data = event
    ends_note = data[0] & 0xF0 == NOTE_OFF
    if tick == 0:
        return not ends_note
    return tick < length or ends_note or last


def _names(data: bytes) -> dict[int, str]:
    """Return the name of the track of each channel."""
    found = {}
    for track in _tracks(data):
        events = [event for _, event in _track_events(track)]
        channels = [event[0] & 0x0F for event in events if event[0] != META]
        if channels and events[0][:2] == bytes((META, NAME)):
            found[channels[0]] = _meta_data(events[0]).decode("ascii", "replace")
    return found


def _title(event: bytes) -> str:
    """Return the title of the tune that begins with a marker; empty for any other event."""
    if event[:2] != bytes((META, MARKER)):
        return ""
    found = TITLE.fullmatch(_meta_data(event))
    return found["title"].decode("ascii", "replace") if found else ""


def _meta_data(event: bytes) -> bytes:
    at = 2
    while event[at] & 0x80:
        at += 1
    return event[at + 1 :]


def _settings(events: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the last tempo, programs and controllers: how the instruments are set by then."""
    found: dict[tuple[int, ...], bytes] = {}
    for event in events:
        kind = event[0] & 0xF0
        if event[:2] == bytes((META, TEMPO)):
            found[META, TEMPO] = event
        elif kind == PROGRAM:
            found[event[0],] = event
        elif kind == CONTROL:
            found[event[0], event[1]] = event
    yield from found.values()


class _Track:
    """The body of a track that is being written; a track with a name begins with it."""

    def __init__(self, name: str = "") -> None:
        self.body = bytearray(_number(0) + _name(name) if name else b"")
        self.tick = 0

    def add(self, tick: int, event: bytes) -> None:
        """Add an event, unless it is the end of a track."""
        if event[:2] != bytes((META, END)):
            self.body += _number(tick - self.tick) + event
            self.tick = tick

    def ended(self, last: int) -> bytes:
        """Return the body of the track when it ends at the tick `last`."""
        return bytes(self.body + _number(last - self.tick) + bytes((META, END, 0)))


def _file(events: Iterable[Event], names: Mapping[int, str]) -> bytes:
    """Return a file of format 1."""
    conductor, parts = _Track("Perpetuum"), dict[int, _Track]()
    last = 0
    for tick, event in events:
        last = max(last, tick)
        if event[0] == META:
            conductor.add(tick, event)
            continue
        channel = event[0] & 0x0F
        if channel not in parts:
            parts[channel] = _Track(names.get(channel) or f"part {channel + 1}")
        parts[channel].add(tick, event)
    tracks = [track.ended(last) for track in (conductor, *(parts[each] for each in sorted(parts)))]
    header = HEADER.pack(b"MThd", 6, 1, len(tracks), TICKS)
    return header + b"".join(CHUNK.pack(b"MTrk", len(track)) + track for track in tracks)


def _name(name: str) -> bytes:
    text = name.encode("ascii", "replace")[:120]
    return bytes((META, NAME, len(text))) + text


def _events(data: bytes) -> Iterator[Event]:
    """Yield the events of a file of one track, without texts that only join its pieces.

    The last one is the end of the track, so that a rest at the end is kept.
    """
    (track,) = _tracks(data)
    for number, (tick, event) in enumerate(_track_events(track)):
        if number % BATCH == 0:
            time.sleep(PAUSE_SECONDS)
        if event[:2] != bytes((META, TEXT)):
            yield tick, event


def _tracks(data: bytes) -> list[bytes]:
    kind, size, _, count, ticks = HEADER.unpack_from(data)
    if (kind, size, ticks) != (b"MThd", 6, TICKS):
        raise ValueError("not a MIDI file of this program")
    at, found = HEADER.size, []
    for _ in range(count):
        name, length = CHUNK.unpack_from(data, at)
        if name != b"MTrk":
            raise ValueError(f"{name!r} is not a track")
        found.append(data[at + CHUNK.size : at + CHUNK.size + length])
        at += CHUNK.size + length
    return found


def _track_events(track: bytes) -> Iterator[Event]:
    """Yield the events of a track up to its end. Raises `ValueError` if it is damaged."""
    at = tick = running = 0
    try:
        while True:
            delta, at = _read_number(track, at)
            tick += delta
            if track[at] >= FIRST_STATUS:
                running, at = track[at], at + 1
            end = _end_of(track, at, running)
            event = bytes((running,)) + track[at:end]
            yield tick, event
            if event[:2] == bytes((META, END)):
                return
            at = end
    except IndexError as error:
        raise ValueError("a track without an end") from error


def _end_of(track: bytes, at: int, status: int) -> int:
    """Return where the event ends whose data begin here."""
    if status == META:
        length, at = _read_number(track, at + 1)
        return at + length
    if not FIRST_STATUS <= status < SYSTEM:
        raise ValueError(f"byte {at} does not belong to a message")
    return at + (1 if status & 0xF0 in ONE_BYTE else 2)


def _read_number(track: bytes, at: int) -> tuple[int, int]:
    number = 0
    while True:
        byte = track[at]
        number, at = number << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return number, at


def _number(number: int) -> bytes:
    """Return a number of variable length."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(number & 0x7F | 0x80)
    return bytes(reversed(found))
