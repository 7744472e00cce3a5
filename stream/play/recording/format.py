"""What a recording holds: music to be played, and beside it all that it takes to compose it again.

It is a Standard MIDI File of format 0, 480 ticks to the quarter note, made of sections. A section
begins with a text: the `Header`. Then come parts of phrases: a text says how each was composed and
which part of it was played (`shorthand`), then its tempo and its notes follow, in ticks. A text
without music is of a phrase that was not played, but from which the next one went on. Nothing of
all this depends on when or how fast it was played. Each text ends with a checksum of it and of all
texts before.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mido import bpm2tempo
from mido.midifiles.meta import encode_variable_int

from stream.music.note import TICKS_PER_BEAT
from stream.play.queue.arrange import arranged
from stream.play.recording.growing_midi_file import (
    END_OF_TRACK,
    FILE_TICKS_PER_BEAT,
    LENGTH,
    LENGTH_AT,
    TEXT,
)
from stream.play.recording.growing_midi_file import HEADER as FILE_HEADER
from stream.play.timing.scheduler import OFF, ON, ends
from stream.profiles.profile import from_document, to_document
from stream.util import validate
from stream.util.validate import Check, text
from stream.util.version import program_version
from stream.voices.spec import digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stream.music.note import Controls, Phrase, PhraseRequest
    from stream.play.session import Session
    from stream.profiles.profile import Profile

FORMAT = 1
"""Of what the texts say."""
FILE_TICKS = FILE_TICKS_PER_BEAT // TICKS_PER_BEAT
"""In a tick."""
SLOWEST = 2**24 - 1
"""Microseconds a quarter note that a MIDI file can tell."""
TEXT_EVENT, TEMPO_EVENT = b"\x00\xff\x01", b"\x00\xff\x51\x03"
"""After no time."""
SILENCE = b"\x00"
"""The music of a phrase that was not played: no time passes."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who has composed."""

    perpetuum: str
    """Version of the program."""
    voice: str
    """Its name."""
    sha256: str
    """Of the voice's file."""
    seed: int
    profile: Mapping[str, Any] | None = None
    """The synthesizer that played, as `stream.profiles.profile` writes it."""
    format: int = FORMAT

    @property
    def synthesizer(self) -> Profile | None:
        """The synthesizer that played. Raises `ValueError` where it is none."""
        return None if self.profile is None else from_document(self.profile)


def header_of(session: Session, voice: Path) -> Header:
    """The header for what a session plays with a voice file."""
    profile = None if session.profile is None else to_document(session.profile)
    return Header(program_version(), session.voice, digest(voice), session.seed, profile)


def _profile(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    document: Mapping[str, Any] = validate.table(text, lambda member: member, 20)(value)
    from_document(document)
    return document


HEADER: Mapping[str, Check] = {
    "perpetuum": text,
    "voice": text,
    "sha256": text,
    "seed": validate.whole(0, 2**63 - 1),
    "profile": _profile,
    "format": validate.whole(FORMAT, FORMAT),
}


@dataclass(frozen=True, slots=True)
class Played:
    """A part of a phrase that was played."""

    source: Phrase
    """As it was composed."""
    request: PhraseRequest | None
    """What it was composed for, with the parent that it really had; None where nobody knows."""
    begin: int
    """Tick of the source at which the part begins ..."""
    finish: int
    """... and ends."""
    controls: Controls
    """How it was arranged."""
    repeat: bool = False
    """Played again because the composer was late: no part of what the next phrases go on from."""

    def phrase(self, profile: Profile | None) -> Phrase:
        """As it sounded on the synthesizer of the profile."""
        return arranged(self.source, self.begin, self.finish, self.controls, profile)


@dataclass(frozen=True, slots=True)
class Part:
    """What a file holds of it."""

    text: str
    """A JSON object."""
    music: bytes
    """Events, then the time from the last of them to the end."""


def opening(header: Header) -> Part:
    """The head of a section."""
    document = {name: getattr(header, name) for name in HEADER}
    return Part(written(document), SILENCE)


def written(document: Mapping[str, Any]) -> str:
    """JSON, the same for the same document."""
    return json.dumps(document, separators=(",", ":"))


def music(phrase: Phrase) -> bytes:
    """Tempo and notes of an arranged phrase, and the time to its end."""
    tempo = min(bpm2tempo(phrase.bpm), SLOWEST)
    data = bytearray(TEMPO_EVENT + tempo.to_bytes(3, "big"))
    now = 0
    for tick, _, event in sorted(_events(phrase), key=lambda event: event[:2]):
        data += _time(tick - now) + event
        now = tick
    return bytes(data + _time(phrase.length - now))


def sealed(part: Part, checksum: int) -> tuple[bytes, int]:
    """The bytes of a part, and the checksum of all texts so far; `checksum` is that before it."""
    checksum = zlib.crc32(part.text.encode(), checksum)
    data = seal(part.text, checksum).encode()
    return TEXT_EVENT + bytes(encode_variable_int(len(data))) + data + part.music, checksum


def whole(parts: Iterable[Part]) -> bytes:
    """A file of these parts, the first of which is an opening."""
    pieces, checksum = [], 0
    for part in parts:
        data, checksum = sealed(part, checksum)
        pieces.append(data)
    track = TEXT.join(pieces) + END_OF_TRACK
    return FILE_HEADER[:LENGTH_AT] + LENGTH.pack(len(track)) + track


def seal(content: str, checksum: int) -> str:
    """A JSON object with one member more."""
    return f'{content[:-1]},"crc32":"{checksum:08x}"}}'


def _events(phrase: Phrase) -> list[tuple[int, int, bytes]]:
    """(tick, order, message) of each note's on and off."""
    events = []
    for note, end in ends(phrase.notes, phrase.length):
        events.append((note.onset, ON, bytes((0x90 | note.channel, note.pitch, note.velocity))))
        events.append((end, OFF, bytes((0x80 | note.channel, note.pitch, 0))))
    return events


def _time(ticks: int) -> bytes:
    return bytes(encode_variable_int(ticks * FILE_TICKS))
