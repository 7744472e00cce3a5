"""Format of a recording: music to be played, and with it everything needed to compose it again.

It is a Standard MIDI File of format 0, with 480 ticks to the quarter note, made of sections. A
section begins with a text: the `Header`. Then come parts of phrases: a text describes how each part
was composed and which ticks of it were played (`delta_codec`); its tempo, the heading of a tune
that begins, those instruments that change, and its notes follow. A text without music stands for a
phrase that was not played, but from which the next one continued. Nothing of this depends on when
or how fast it was played. Each text ends with a checksum of itself and of all texts before.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mido import bpm2tempo
from mido.midifiles.meta import encode_variable_int

from stream.ensembles.library import Ensembles
from stream.music.controls import Controls
from stream.music.note import TICKS_PER_BEAT
from stream.play.queue.arrange import arranged
from stream.play.queue.routing import route
from stream.play.recording.growing_midi_file import (
    END_OF_TRACK,
    FILE_TICKS_PER_BEAT,
    LENGTH,
    LENGTH_AT,
    TEXT,
)
from stream.play.recording.growing_midi_file import HEADER as FILE_HEADER
from stream.play.recording.header import HEADER, OPTIONAL, Header
from stream.play.timing.instrument_messages import setup_messages
from stream.play.timing.scheduler import OFF, ON, performed_notes
from stream.play.timing.tune_heading import heading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Phrase, PhraseRequest
    from stream.profiles.profile import Profile

FILE_TICKS = FILE_TICKS_PER_BEAT // TICKS_PER_BEAT
"""Ticks of the file in one tick of the stream: they are the tenths in which a performance moves
notes."""
SLOWEST = 2**24 - 1
"""Largest number of microseconds a quarter note that a MIDI file can hold."""
TEXT_EVENT, TEMPO_EVENT = b"\x00\xff\x01", b"\x00\xff\x51\x03"
"""Events after a delta time of zero."""
TEMPO_BYTES = len(TEMPO_EVENT) + 3
"""Number of bytes of the tempo, with which the music of a part begins."""
Sounding = tuple["Phrase", "Ensemble | None"]
"""An arranged phrase and its routed ensemble."""
SILENCE = b"\x00"
"""Music of a phrase that was not played: no time passes."""


@dataclass(frozen=True, slots=True)
class Played:
    """A part of a phrase that was played."""

    source: Phrase
    """The phrase as it was composed."""
    request: PhraseRequest | None
    """Request of the phrase, with its actual parent; None if unknown."""
    begin: int
    """Tick of the source at which the part begins."""
    finish: int
    """Tick of the source at which the part ends."""
    controls: Controls
    """Controls by which it was arranged."""
    repeat: bool = False
    """True if it was played again because the composer was late; later phrases do not follow it."""

    digest: str = ""
    """SHA-256 digest of the file of the ensemble that played; empty without one."""

    def phrase(self, profile: Profile | None, ensembles: Ensembles | None = None) -> Phrase:
        """Return the part as it sounded on the synthesizer of the profile."""
        return self.sound(profile, ensembles or Ensembles())[0]

    def sound(self, profile: Profile | None, ensembles: Ensembles) -> Sounding:
        """Return the part as it sounded on the synthesizer of the profile, and its instruments."""
        ensemble = route(self.source, self.controls, profile, ensembles)
        controls = self.controls
        return arranged(self.source, self.begin, self.finish, controls, profile, ensemble), ensemble


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is stored in a file."""

    text: str
    """A JSON object."""
    music: bytes
    """Events, then the delta time from the last of them to the end."""


def header_part(header: Header) -> Part:
    """Return the first part of a section."""
    document = {name: getattr(header, name) for name in HEADER}
    for name in (name for name in OPTIONAL if document[name] is None):
        del document[name]
    return Part(compact_json(document), SILENCE)


def compact_json(document: Mapping[str, Any]) -> str:
    """Return compact JSON, equal for equal documents."""
    return json.dumps(document, separators=(",", ":"))


def music(
    phrase: Phrase, ensemble: Ensemble | None = None, previous: Sounding | None = None
) -> bytes:
    """Return tempo, setup and notes of an arranged phrase, and the delta time to its end."""
    tempo = min(bpm2tempo(phrase.bpm), SLOWEST)
    data = bytearray(TEMPO_EVENT + tempo.to_bytes(3, "big") + setup(phrase, ensemble, previous))
    tick_before = 0
    for tick, _, event in sorted(_events(phrase), key=lambda event: event[:2]):
        data += _delta_time(tick - tick_before) + event
        tick_before = tick
    return bytes(data + _delta_time(phrase.length * FILE_TICKS - tick_before))


def setup(phrase: Phrase, ensemble: Ensemble | None, previous: Sounding | None = None) -> bytes:
    """Return the events before the first note: the heading of a tune, and instruments.

    The instruments are those of the routed ensemble that differ from the `previous` one's.
    """
    before, instruments = previous or (None, None)
    messages = [*heading(phrase, before), *setup_messages(ensemble, instruments)]
    return b"".join(b"\0" + bytes(message.bin()) for message in messages)


def encoded(part: Part, checksum: int) -> tuple[bytes, int]:
    """Return the bytes of a part and the checksum up to it; `checksum` is that before it."""
    checksum = zlib.crc32(part.text.encode(), checksum)
    data = append_checksum(part.text, checksum).encode()
    return TEXT_EVENT + bytes(encode_variable_int(len(data))) + data + part.music, checksum


def file_bytes(parts: Iterable[Part]) -> bytes:
    """Return the bytes of a file of these parts, the first of which is a header part."""
    encoded_parts, checksum = [], 0
    for part in parts:
        data, checksum = encoded(part, checksum)
        encoded_parts.append(data)
    track = TEXT.join(encoded_parts) + END_OF_TRACK
    return FILE_HEADER[:LENGTH_AT] + LENGTH.pack(len(track)) + track


def append_checksum(content: str, checksum: int) -> str:
    """Return a JSON object with the checksum as its last member."""
    return f'{content[:-1]},"crc32":"{checksum:08x}"}}'


def _events(phrase: Phrase) -> list[tuple[int, int, bytes]]:
    """Return (tick of the file, order, message) of each note's on and off."""
    events = []
    for note, onset, end in performed_notes(phrase.notes, phrase.length):
        events.append((onset, ON, bytes((0x90 | note.channel, note.pitch, note.velocity))))
        events.append((end, OFF, bytes((0x80 | note.channel, note.pitch, 0))))
    return events


def _delta_time(ticks: int) -> bytes:
    return bytes(encode_variable_int(ticks))
