"""A chunk of sound, a few blocks: the player's request for it, and the composer's answer.

The composer stores nothing between requests: the state of the sound travels to the player with each
chunk and back with the next request, so that a restarted composer continues without a gap.
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
from stream.music.phrase_schema import CONTROL_CHECKS, COUNT, SEED
from stream.util.validate import Check, fields, flag, number, parsed, pattern, shown, text, whole

BASE64 = pattern(r"[A-Za-z0-9+/]*={0,2}")


@dataclass(frozen=True, slots=True)
class AudioControls:
    """The controls of a voice that makes sound."""

    style: tuple[Blend, ...] = ()
    """One blend to stay at, several to walk between; empty: each tune draws a style."""
    walk: int = 32
    """Length of a walk from one blend to the next, in units of eight seconds."""
    temperature: float = 1.0
    """Randomness: 1 is as the voice was trained, less is more uniform."""
    volume: float = 1.0
    """Factor by which samples are multiplied before the limiter."""


@dataclass(frozen=True, slots=True)
class AudioChunkRequest:
    """Everything the composer needs for a chunk: the same request gives the same sound."""

    index: int
    """Index of the chunk in the stream, from 0."""
    seed: int
    """Seed of the whole stream."""
    blocks: int
    """Steps to take, a block each."""
    rate: int
    """Samples a second at the output."""
    controls: AudioControls = AudioControls()
    state: str = ""
    """State after the chunk before, in base64; empty at the start of the stream."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A chunk of sound, and the state after it."""

    index: int
    tune: int
    """Number of the tune at the end of the chunk, from 0."""
    style: str
    """Style of that tune: a name, or a blend as `band:0.7,bells:0.3`."""
    samples: str
    """Samples: mono, 16 bit, little-endian, in base64."""
    level: float
    """Root mean square, relative to a full scale of 1."""
    died: int
    """Number of tunes that were ended because their sound had died."""
    ran_away: int
    """Number of tunes that were ended because their sound was too loud or not finite."""
    state: str
    voice: str = ""
    opens: bool = False
    """True if a tune begins in the chunk."""


CONTROLS: Mapping[str, Check] = {
    **{name: CONTROL_CHECKS[name] for name in ("style", "walk", "temperature")},
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
    """Return one line of JSON."""
    return json.dumps(dataclasses.asdict(value), separators=(",", ":"))


def chunk_from_document(document: Mapping[str, Any]) -> AudioChunk:
    """Return the chunk that a parsed line describes. Raises `MessageError` if it is invalid."""
    try:
        return AudioChunk(**fields(document, CHUNK))
    except (ValueError, TypeError) as error:
        raise MessageError(f"invalid chunk: {error}") from error


def request_from_json(line: str | bytes) -> AudioChunkRequest:
    """Return the request in a line of JSON. Raises `MessageError` if it is invalid."""
    try:
        found = fields(parsed(line), REQUEST)
        found["controls"] = AudioControls(**found["controls"])
        return AudioChunkRequest(**found)
    except (ValueError, KeyError, TypeError) as error:
        raise MessageError(f"{shown(line)}: invalid chunk request: {error}") from error
