"""The state of a stream of sound, as a value and as text that travels to the player and back."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose.audio.step import States
from stream.errors import MessageError

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StreamState:
    """The sound of one tune: two of them sound while one fades into the other."""

    states: States
    tail: Floats
    """The tail that `Overlap` returned."""

    def arrays(self) -> tuple[NDArray[Any], ...]:
        return (*self.states, self.tail)


@dataclass(frozen=True, slots=True)
class AudioState:
    """Everything that the next block depends on, except the request."""

    now: StreamState
    before: StreamState
    """The tune that fades out while `fading` is not 0."""
    resampled: Floats
    """The resampler's tail."""
    block: int = 0
    """Blocks so far."""
    tune: int = -1
    end: int = 0
    """Block at which the tune ends."""
    fading: int = 0
    """Blocks until the tune before has faded out."""
    faulty_blocks: int = 0
    """Blocks for which the sound has been too quiet (negative) or too loud (positive)."""
    style_checksum: int = 0
    """Checksum of the style that was requested when the tune began."""
    phase: int = 0
    """The resampler's phase."""


COUNTS = ("block", "tune", "end", "fading", "faulty_blocks", "style_checksum", "phase")


def encode(state: AudioState) -> str:
    """Return the state in base64."""
    counts = np.array([getattr(state, name) for name in COUNTS], "<i8")
    return base64.b64encode(b"".join(a.tobytes() for a in (counts, *_arrays(state)))).decode()


def decode(text: str, like: AudioState) -> AudioState:
    """Return the state in a text, with arrays like those of `like`. Raises `MessageError`."""
    data = base64.b64decode(text)
    counts = np.zeros(len(COUNTS), "<i8")
    parts = (counts, *_arrays(like))
    if len(data) != sum(part.nbytes for part in parts):
        raise MessageError(f"state of {len(data)} bytes: not from this voice at this rate")
    found = iter(list(_cut(data, parts)))
    values = dict(zip(COUNTS, map(int, next(found)), strict=True))
    streams = [
        StreamState(tuple(next(found) for _ in stream.states), next(found))
        for stream in (like.now, like.before)
    ]
    return dataclasses.replace(
        like, now=streams[0], before=streams[1], resampled=next(found), **values
    )


def _arrays(state: AudioState) -> tuple[NDArray[Any], ...]:
    return (*state.now.arrays(), *state.before.arrays(), state.resampled)


def _cut(data: bytes, parts: tuple[NDArray[Any], ...]) -> Iterator[NDArray[Any]]:
    at = 0
    for part in parts:
        yield np.frombuffer(data, part.dtype, part.size, at).reshape(part.shape)
        at += part.nbytes
