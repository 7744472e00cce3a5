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

    current: StreamState
    previous: StreamState
    """The tune that fades out while `fading` is not 0."""
    resampled: Floats
    """The resampler's tail."""
    block: int = 0
    """Blocks so far."""
    tune: int = -1
    end: int = 0
    """Block at which the tune ends."""
    fading: int = 0
    """Blocks until the previous tune has faded out."""
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
    arrays = iter(list(_split(data, parts)))
    values = dict(zip(COUNTS, map(int, next(arrays)), strict=True))
    streams = [
        StreamState(tuple(next(arrays) for _ in stream.states), next(arrays))
        for stream in (like.current, like.previous)
    ]
    return dataclasses.replace(
        like, current=streams[0], previous=streams[1], resampled=next(arrays), **values
    )


def _arrays(state: AudioState) -> tuple[NDArray[Any], ...]:
    return (*state.current.arrays(), *state.previous.arrays(), state.resampled)


def _split(data: bytes, parts: tuple[NDArray[Any], ...]) -> Iterator[NDArray[Any]]:
    offset = 0
    for part in parts:
        yield np.frombuffer(data, part.dtype, part.size, offset).reshape(part.shape)
        offset += part.nbytes
