"""A few blocks of sound: how the player asks for them, and what the composer gives.

The composer keeps nothing in between: where the sound stood travels to the player with each passage
and back with the next request, so that a composer which is started anew goes on without a seam.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from stream.errors import MessageError
from stream.music.note import Blend
from stream.music.phrase_schema import COUNT, SEED, STYLE
from stream.util.validate import Check, fields, flag, number, parsed, pattern, shown, text, whole

BASE64 = pattern(r"[A-Za-z0-9+/]*={0,2}")


@dataclass(frozen=True, slots=True)
class AudioControls:
    """What the listener has asked for."""

    style: tuple[Blend, ...] = ()
    """A place to stay at, several to walk between; empty: each tune takes a style of the voice."""
    walk: int = 32
    """Times eight seconds from one of several places to the next."""
    temperature: float = 1.0
    """1: as the voice was made; less: more alike."""
    volume: float = 1.0
    """By which samples are multiplied before they are limited."""


@dataclass(frozen=True, slots=True)
class AudioChunkRequest:
    """Everything the composer needs for a passage: the same request gives the same sound."""

    index: int
    """Of the passage in the stream, from 0."""
    seed: int
    """Seed of the whole stream."""
    blocks: int
    """Steps to be taken."""
    rate: int
    """Samples a second that the output takes."""
    controls: AudioControls = AudioControls()
    state: str = ""
    """That of the passage before, in base64; empty: the stream begins."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Sound, and where it stood after it."""

    index: int
    tune: int
    """Which tune it ends in, from 0."""
    style: str
    """Of that tune: a name, or a blend as `band:0.7,bells:0.3`."""
    samples: str
    """Mono, 16 bit, little-endian, in base64."""
    level: float
    """Root mean square, of full scale 1."""
    died: int
    """Tunes that were given up because their sound had died ..."""
    ran_away: int
    """... or was too loud, or no number at all."""
    state: str
    voice: str = ""
    opens: bool = False
    """Whether a tune begins in it."""


CONTROLS: Mapping[str, Check] = {
    "style": STYLE,
    "walk": whole(1, 2**53),
    "temperature": number(1e-3, 100),
    "volume": number(0, 100),
}
REQUEST: Mapping[str, Check] = {
    "index": COUNT,
    "seed": SEED,
    "blocks": whole(1, 2**16),
    "rate": whole(4000, 768_000),
    "controls": partial(fields, checks=CONTROLS),
    "state": BASE64,
}
CHUNK: Mapping[str, Check] = {
    "index": COUNT,
    "tune": COUNT,
    "style": text,
    "samples": BASE64,
    "level": number(0, 1),
    "died": COUNT,
    "ran_away": COUNT,
    "state": BASE64,
    "voice": text,
    "opens": flag,
}


def to_json(value: AudioChunkRequest | AudioChunk) -> str:
    """One line of JSON."""
    return json.dumps(dataclasses.asdict(value), separators=(",", ":"))


def chunk_from_document(document: Mapping[str, Any]) -> AudioChunk:
    """The passage that a parsed line describes. Raises `MessageError` where it is none."""
    try:
        return AudioChunk(**fields(document, CHUNK))
    except (ValueError, TypeError) as error:
        raise MessageError(f"no passage: {error}") from error


def request_from_json(line: str | bytes) -> AudioChunkRequest:
    """Inverse of `to_json` for a request. Raises `MessageError` for anything else."""
    try:
        found = fields(parsed(line), REQUEST)
        found["controls"] = AudioControls(**found["controls"])
        return AudioChunkRequest(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise MessageError(f"{shown(line)}: no request for a passage: {error}") from error
