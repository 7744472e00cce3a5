"""Reads recordings strictly: anything that the recorder does not write is invalid."""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stream.errors import RecordingError
from stream.play.recording.format import TEMPO_EVENT, TEXT_EVENT, Part, append_checksum
from stream.play.recording.growing_midi_file import END_OF_TRACK, LENGTH, LENGTH_AT, TEXT
from stream.play.recording.growing_midi_file import HEADER as FILE_HEADER
from stream.play.recording.header import HEADER, OPTIONAL, Header
from stream.util import regular_file
from stream.util.validate import fields, parsed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADING = frozenset({TEMPO_EVENT[1:3], b"\xff\x06", b"\xff\x58", b"\xff\x59"})
"""Meta events of the music: tempo, marker, time signature and key signature."""
PART_ENDS = frozenset({TEXT, END_OF_TRACK})
"""Events that end a part: the text that joins it to the next, or the end of the track."""
PROGRAM = 0xC0
"""Status of a program change, which has one byte of data."""
LONG_KINDS = frozenset({0x80, 0x90, 0xB0})
"""Statuses of the messages with two bytes of data: note off, note on and control change."""
MOST_BYTES = 64 * 2**20
"""Largest size of a file in bytes: a hundred hours."""
CHECKSUM_CHARS = len(append_checksum("{}", 0)) - 1
"""Number of characters that the checksum adds to a text."""


START = re.compile(
    re.escape(FILE_HEADER[:LENGTH_AT])
    + rb"(?s:.{4})"
    + re.escape(TEXT_EVENT)
    + rb'[\x80-\xff]*[\0-\x7f]\{"perpetuum":'
)
"""Pattern of the start of a recording."""
CHUNK = struct.Struct(">4sL")


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part of a phrase, as stored in a file."""

    document: dict[str, Any]
    part: Part


@dataclass(slots=True)
class StoredSection:
    """A header, and the parts up to the next one."""

    header: Header
    parts: list[StoredPart] = field(default_factory=list)


def read(data: bytes) -> tuple[list[StoredSection], int]:
    """Return the sections of a file, and how many of its bytes belong to them.

    A power cut may have left more bytes behind those. Raises `RecordingError`.
    """
    if not START.match(data):
        raise RecordingError(_explain_other(data))
    (length,) = LENGTH.unpack_from(data, LENGTH_AT)
    reader = _EventReader(data[: len(FILE_HEADER) + length], len(FILE_HEADER))
    sections: list[StoredSection] = []
    checksum = 0
    for text, music in reader.parts():
        checksum, content = _verified(text, checksum)
        document = _parsed(content)
        if "perpetuum" in document:
            sections.append(StoredSection(Header(**_checked_header(document))))
        elif not sections:
            raise RecordingError("its first text is not a header")
        else:
            sections[-1].parts.append(StoredPart(document, Part(content, music)))
    if not sections:
        raise RecordingError("it has no header")
    return sections, reader.at


def _explain_other(data: bytes) -> str:
    """Return what a file is that is not a recording."""
    kinds = list(_chunks(data))
    if kinds[:1] != [b"MThd"] or b"MTrk" not in kinds:
        return "it is not a MIDI file of one track at 480 ticks, nor any other complete MIDI file"
    return (
        "it is a MIDI file, but not a rolling recording: it does not tell how it was composed;"
        " use one from the folder of the recordings (--recordings), or a file made by Save"
    )


def _chunks(data: bytes) -> Iterator[bytes]:
    """Yield the types of the chunks of a MIDI file; nothing if it is invalid."""
    kinds, at = [], 0
    while at < len(data):
        if at + CHUNK.size > len(data):
            return
        name, length = CHUNK.unpack_from(data, at)
        kinds.append(name)
        at += CHUNK.size + length
    if at == len(data):
        yield from kinds


def events(music: bytes) -> list[tuple[int, bytes]]:
    """Return (tick of the file, event) of the music of a part, in order."""
    return list(_EventReader(music).events())


def read_bytes(path: Path) -> bytes:
    """Return all bytes of a file. Raises `RecordingError`."""
    try:
        return regular_file.read(path, MOST_BYTES, "recording")
    except OSError as error:
        raise RecordingError(f"it cannot be read ({error.strerror})") from error


def _verified(text: bytes, checksum: int) -> tuple[int, str]:
    """Return the checksum of all texts so far, and the content of this one without its checksum."""
    content = (text[:-CHECKSUM_CHARS] + b"}").decode("latin-1")
    checksum = zlib.crc32(content.encode(), checksum)
    if append_checksum(content, checksum).encode() != text:
        raise RecordingError(f"{shown(text)} does not belong to a recording, or is damaged")
    return checksum, content


def _parsed(content: str) -> dict[str, Any]:
    try:
        return parsed(content)
    except ValueError as error:
        raise RecordingError(f"{shown(content)}: {error}") from error


def _checked_header(document: dict[str, Any]) -> dict[str, Any]:
    try:
        values = fields(document, HEADER)
        return {name: values[name] for name in HEADER if name not in OPTIONAL or name in values}
    except (KeyError, ValueError) as error:
        raise RecordingError(f"its header {json.dumps(document)[:200]}: {error}") from error


class _EventReader:
    """Reads the events of the track one after another."""

    def __init__(self, data: bytes, begin: int = 0) -> None:
        self.at = begin
        self._data = data

    def parts(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the text and the music of each part."""
        end = TEXT
        while end == TEXT:
            if self._take(len(TEXT_EVENT)) != TEXT_EVENT:
                raise self._damaged()
            text = self._take(self._number())
            begin = self.at
            end = self._skip_music()
            yield text, self._data[begin : self.at - len(end)]

    def _skip_music(self) -> bytes:
        """Move past the notes and the event after them: the end of the track, or an empty text."""
        event = b""
        while event not in PART_ENDS:
            self._number()
            event = self._body()
        return event

    def events(self) -> Iterator[tuple[int, bytes]]:
        """Yield the tick of each event of a part's music, and the tick of its end with no event."""
        tick = 0
        while True:
            tick += self._number()
            if self.at == len(self._data):
                yield tick, b""
                return
            yield tick, self._body()

    def _body(self) -> bytes:
        event = self._take(2)
        kind = event[0] & 0xF0
        if kind == PROGRAM:
            return event
        event += self._take(1)
        if event[:2] in HEADING:
            return event + self._take(event[2])
        if event not in PART_ENDS and kind not in LONG_KINDS:
            raise self._damaged()
        return event

    def _number(self) -> int:
        """Return a number of variable length."""
        number = 0
        for _ in range(4):
            (byte,) = self._take(1)
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number
        raise self._damaged()

    def _take(self, count: int) -> bytes:
        data = self._data[self.at : self.at + count]
        if len(data) < count:
            raise RecordingError("it ends in the middle of an event")
        self.at += count
        return data

    def _damaged(self) -> RecordingError:
        return RecordingError(f"byte {self.at} is not valid in a recording; the file is damaged")
