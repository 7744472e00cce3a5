"""The file of a kept tune: a recording of one tune that also holds its phrases as composed.

So it can be composed again like any recording, and played again without its voice.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream.errors import RecordingError
from stream.kept.facts import KeptFacts, document_of
from stream.kept.facts import read as read_facts
from stream.music.note import ticks_to_seconds
from stream.play.recording.delta_codec import Decoded, DeltaCodec
from stream.play.recording.format import (
    SILENCE,
    Part,
    Played,
    Sounding,
    file_bytes,
    header_part,
    music,
)
from stream.play.recording.header import HEADER, Header
from stream.play.recording.saved_file import with_pauses
from stream.util.validate import fields, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stream.music.note import Phrase
    from stream.play.recording.sections import Entry

MOST_SOURCE_BYTES: Final = 2**25
"""Size limit of the phrases as composed."""
NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9#]+")


@dataclass(frozen=True, slots=True)
class PlayedEntry:
    """A part of a tune in memory."""

    entry: Entry
    played: Played
    sounding: Sounding


@dataclass(frozen=True, slots=True)
class TuneToKeep:
    """A tune that has ended, with the entries that its composition follows from."""

    header: Header
    entries: tuple[Entry, ...]
    """Entries of the recording up to the end of the tune, from the head of its section."""
    parts: tuple[PlayedEntry, ...]
    """The parts of the tune among the entries."""
    stars: int = 0
    """Stars that a listener has given, 1-5; 0 without any."""

    @property
    def facts(self) -> KeptFacts:
        """The facts about the tune."""
        first, last = self.parts[0].sounding[0], self.parts[-1]
        phrases = [part.sounding[0] for part in self.parts]
        source = last.played.source
        return KeptFacts(
            style=last.sounding[0].style,
            tune=first.tune,
            index=first.index,
            bpm=first.bpm,
            seconds=round(sum(ticks_to_seconds(p.length, p.bpm) for p in phrases), 3),
            sources=_packed(self.header, [part.played for part in self.parts]),
            key=first.key,
            meter=first.meter,
            kind=first.kind,
            latent=first.latent,
            whole=source.closing and last.played.finish == source.length,
        )

    def data(self) -> tuple[KeptFacts, bytes]:
        """Return the facts, and the bytes of the file; they take a while."""
        facts = self.facts
        header = dataclasses.replace(self.header, kept=document_of(facts))
        parts = [header_part(header), *self._parts()]
        return facts, file_bytes(with_pauses(parts))

    def _parts(self) -> Iterator[Part]:
        """Yield each part after the header: with its music if it belongs to the tune."""
        sounding = {id(part.entry): part.sounding for part in self.parts}
        previous: Sounding | None = None
        for entry in self.entries[1:]:
            found = sounding.get(id(entry))
            if found is None:
                yield Part(entry.part.text, SILENCE)
            else:
                yield Part(entry.part.text, music(*found, previous))
                previous = found


def stem_of(number: int, facts: KeptFacts) -> str:
    """Return the name of a kept tune's file without its suffix: `0007-jig-in-D-major`."""
    name = NOT_IN_NAMES.sub("-", facts.title.partition(",")[0]).strip("-")[:60]
    return f"{number:04}-{name}" if name else f"{number:04}"


def read_parts(path: Path) -> list[Played]:
    """Return the parts of a kept tune as they were played. Raises `RecordingError`."""
    facts, document = read_facts(path)
    try:
        header = Header(**fields({n: document[n] for n in HEADER if n in document}, HEADER))
        codec, found = DeltaCodec(header), []
        for text in _unpacked(facts.sources):
            decoded = codec.read(parsed(text))
            source = _source(decoded)
            named = dataclasses.replace(
                source, voice=header.voice, seed=header.seed, latent=facts.latent
            )
            codec.write(decoded.played(source))
            found.append(decoded.played(named))
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error) as error:
        raise RecordingError(f"{path}: its notes are damaged ({error})") from error
    if not found:
        raise RecordingError(f"{path}: has no notes")
    return found


def _source(decoded: Decoded) -> Phrase:
    if decoded.source is None:
        raise ValueError("a part without notes")
    return decoded.source


def _packed(header: Header, parts: Sequence[Played]) -> str:
    codec = DeltaCodec(header)
    texts = [codec.write(dataclasses.replace(part, request=None)) for part in parts]
    return base64.b64encode(zlib.compress(json.dumps(texts).encode())).decode()


def _unpacked(text: str) -> list[str]:
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(base64.b64decode(text, validate=True), MOST_SOURCE_BYTES)
    if unpacking.unconsumed_tail:
        raise ValueError("it is too long")
    texts = json.loads(data)
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise ValueError("it is not a list of texts")
    return texts
