"""Reading a recording of our own. It is strict: what we do not write is no recording."""

from __future__ import annotations

import json
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stream.errors import RecordingError
from stream.play.recording.format import HEADER, TEMPO_EVENT, TEXT_EVENT, Header, Part, seal
from stream.play.recording.growing_midi_file import END_OF_TRACK, LENGTH, LENGTH_AT, TEXT
from stream.play.recording.growing_midi_file import HEADER as FILE_HEADER
from stream.util import regular_file
from stream.util.validate import fields, parsed, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDS = frozenset({TEXT, END_OF_TRACK})
"""Of a part: what joins it to the next, or ends the track."""
MOST_BYTES = 64 * 2**20
"""In a file: a hundred hours."""
SEAL = len(seal("{}", 0)) - 1
"""Characters that a seal puts behind the last member of a text."""


BEGINNING = re.compile(
    re.escape(FILE_HEADER[:LENGTH_AT])
    + rb"(?s:.{4})"
    + re.escape(TEXT_EVENT)
    + rb'[\x80-\xff]*[\0-\x7f]\{"perpetuum":'
)
"""Of a recording."""
CHUNK = struct.Struct(">4sL")


@dataclass(frozen=True, slots=True)
class Recording:
    """A part of a phrase, as it was found."""

    document: dict[str, Any]
    part: Part


@dataclass(slots=True)
class Section:
    """A header, and what follows up to the next one."""

    header: Header
    records: list[Recording] = field(default_factory=list)


def read(data: bytes) -> tuple[list[Section], int]:
    """The sections of a file, and how many of its bytes they are.

    What lies behind, a power cut has left there. Raises `RecordingError`.
    """
    if not BEGINNING.match(data):
        raise RecordingError(_other(data))
    (length,) = LENGTH.unpack_from(data, LENGTH_AT)
    reader = _Reader(data[: len(FILE_HEADER) + length], len(FILE_HEADER))
    sections: list[Section] = []
    checksum = 0
    for text, music in reader.parts():
        checksum, content = _opened(text, checksum)
        document = _document(content)
        if "perpetuum" in document:
            sections.append(Section(Header(**_checked(document))))
        elif not sections:
            raise RecordingError("its first text is no header")
        else:
            sections[-1].records.append(Recording(document, Part(content, music)))
    if not sections:
        raise RecordingError("there is no header in it")
    return sections, reader.at


def _other(data: bytes) -> str:
    """What a file is that is no recording."""
    names = list(_chunks(data))
    if names[:1] != [b"MThd"] or b"MTrk" not in names:
        return "it is no MIDI file of one track at 480 ticks, and no other whole MIDI file"
    return (
        "it is a MIDI file, but no rolling recording: it does not say how it was composed; those"
        " that do are in the folder of the recordings (--recordings), or come from Save"
    )


def _chunks(data: bytes) -> Iterator[bytes]:
    """The names of the chunks of a MIDI file; nothing where it is none, or cut off."""
    names, at = [], 0
    while at < len(data):
        if at + CHUNK.size > len(data):
            return
        name, length = CHUNK.unpack_from(data, at)
        names.append(name)
        at += CHUNK.size + length
    if at == len(data):
        yield from names


def events(music: bytes) -> list[tuple[int, bytes]]:
    """(tick of the file, event) of the music of a part, in order."""
    return list(_Reader(music).events())


def read_bytes(path: Path) -> bytes:
    """All of a file. Raises `RecordingError`."""
    try:
        return regular_file.read(path, MOST_BYTES, "recording")
    except OSError as error:
        raise RecordingError(f"it can not be read ({error.strerror})") from error


def _opened(text: bytes, checksum: int) -> tuple[int, str]:
    """The checksum of all texts so far, and what this one says without its seal."""
    content = (text[:-SEAL] + b"}").decode("latin-1")
    checksum = zlib.crc32(content.encode(), checksum)
    if seal(content, checksum).encode() != text:
        raise RecordingError(f"{shown(text)} is not of a recording, or damaged")
    return checksum, content


def _document(content: str) -> dict[str, Any]:
    try:
        return parsed(content)
    except ValueError as error:
        raise RecordingError(f"{shown(content)}: {error}") from error


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    try:
        found = fields(document, HEADER)
        return {name: found[name] for name in HEADER}
    except (KeyError, ValueError) as error:
        raise RecordingError(f"its header {json.dumps(document)[:200]}: {error}") from error


class _Reader:
    """Walks along the events of the track."""

    def __init__(self, data: bytes, begin: int = 0) -> None:
        self.at = begin
        self._data = data

    def parts(self) -> Iterator[tuple[bytes, bytes]]:
        """The text and the music of each part."""
        end = TEXT
        while end == TEXT:
            if self._take(len(TEXT_EVENT)) != TEXT_EVENT:
                raise self._damaged()
            text = self._take(self._number())
            begin = self.at
            end = self._skip_music()
            yield text, self._data[begin : self.at - len(end)]

    def _skip_music(self) -> bytes:
        """Go behind the notes, and what ends them: the end of the track, or an empty text."""
        event = b""
        while event not in ENDS:
            self._number()
            event = self._body()
        return event

    def events(self) -> Iterator[tuple[int, bytes]]:
        """Of music alone: the tick of each event, and that of its end with no event."""
        tick = 0
        while True:
            tick += self._number()
            if self.at == len(self._data):
                yield tick, b""
                return
            yield tick, self._body()

    def _body(self) -> bytes:
        event = self._take(3)
        if event == TEMPO_EVENT[1:]:
            return event + self._take(3)
        if event not in ENDS and event[0] & 0xE0 != 0x80:
            raise self._damaged()
        return event

    def _number(self) -> int:
        """A number of variable length."""
        number = 0
        for _ in range(4):
            (byte,) = self._take(1)
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number
        raise self._damaged()

    def _take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if len(found) < count:
            raise RecordingError("it ends in the middle")
        self.at += count
        return found

    def _damaged(self) -> RecordingError:
        return RecordingError(f"byte {self.at} is not what a recording has there; it is damaged")
