"""The facts about a kept tune, as the header of its file holds them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from stream.errors import RecordingError
from stream.music.phrase_schema import BPM, COUNT, PHRASE
from stream.music.tune_facts import TuneFacts
from stream.util import regular_file
from stream.util.validate import Check, fields, flag, line, number, parsed, pattern, text

MOST_BYTES: Final = 2**24
"""Size limit of a kept tune's file."""
FILE_HEADER: Final = struct.Struct(">4sLHHH4sL")
TEXT: Final = b"\x00\xff\x01"
"""First bytes of the event that holds the header."""


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts about a kept tune beside those that identify its composer."""

    style: str
    tune: int
    """Number of the tune in its stream, from 0."""
    index: int
    """Index of its first phrase in the stream."""
    bpm: float
    seconds: float
    """Length of the music in seconds."""
    sources: str
    """The phrases as composed, as `stream.play.recording.kept_file` packs them."""
    key: str = ""
    meter: str = ""
    kind: str = ""
    latent: str = ""
    """Latent point of the tune, as `Phrase.latent` tells it."""
    whole: bool = True
    """True if the tune was played to its end."""

    @property
    def title(self) -> str:
        """Title such as `jig in D major, 6/8`; the style and the number if nothing is known."""
        facts = TuneFacts(key=self.key, meter=self.meter, kind=self.kind)
        return facts.title or f"{self.style} {self.tune + 1}".strip()


KEPT: Final[Mapping[str, Check]] = {
    "style": text,
    "tune": COUNT,
    "index": COUNT,
    "bpm": BPM,
    "seconds": number(0, 1e6),
    "sources": pattern(r"[A-Za-z0-9+/=]*"),
    "key": PHRASE["key"],
    "meter": PHRASE["meter"],
    "kind": line,
    "latent": PHRASE["latent"],
    "whole": flag,
}


def document_of(facts: KeptFacts) -> dict[str, Any]:
    """Return the facts as a JSON object."""
    return asdict(facts)


def checked(value: object) -> dict[str, Any]:
    """Return the JSON object of valid facts. Raises `ValueError` or `TypeError`."""
    return document_of(KeptFacts(**fields(value, KEPT)))


def read(path: Path) -> tuple[KeptFacts, Mapping[str, Any]]:
    """Return the facts of a kept tune's file, and its whole header.

    Raises `RecordingError` if the file is not that of a kept tune.
    """
    try:
        data = regular_file.read(path, MOST_BYTES, "kept tune")
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        header = parsed(_header(data))
        return KeptFacts(**fields(header["kept"], KEPT)), header
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RecordingError(f"{path}: is not a kept tune") from error


def _header(data: bytes) -> str:
    at = FILE_HEADER.size
    if not data.startswith(b"MThd") or data[at : at + len(TEXT)] != TEXT:
        raise ValueError("no header")
    at += len(TEXT)
    length = 0
    while data[at] & 0x80:
        length, at = length << 7 | data[at] & 0x7F, at + 1
    length, at = length << 7 | data[at], at + 1
    return data[at : at + length].decode("latin-1")
