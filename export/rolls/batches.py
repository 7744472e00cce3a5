"""Rolls as padded batches of chunks, for truncated back-propagation through whole pieces.

Conventions: T frames a chunk, B rows, S sets. A row plays piece after piece, each from its initial
state and cut into chunks of nearly equal length; the model's state is carried from chunk to chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from export.corpus.rolls import KEYS, Roll
from export.training.lanes import lanes


@dataclass(frozen=True, slots=True)
class Piece:
    """A roll, and the column of its set in `tags`."""

    roll: Roll
    column: int = 0
    number: int = 0
    """Number of the piece, by which figures are told apart."""


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """One chunk of every row."""

    v: Tensor
    """float32 [T, B, 88]: zeros and ones."""
    mask: Tensor
    """bool [T, B]: the frames a row has come first."""
    cold: Tensor
    """bool [B]: the row begins a piece."""
    tags: Tensor
    """float32 [B, S]: one in the column of the piece's set."""
    number: Tensor
    """int64 [B]: which piece; -1 where the row is idle."""


Chunk = tuple[Roll, Piece, bool]
"""Frames, the piece they are from, and whether they are its head."""


def shuffled(pieces: Sequence[Piece], rng: np.random.Generator, transpose: int = 0) -> list[Piece]:
    """Return the pieces in random order, each moved by up to `transpose` semitones.

    A move that would leave the keyboard is cut short: no note is lost.
    """
    order = [pieces[i] for i in rng.permutation(len(pieces))]
    moves = rng.integers(-transpose, transpose + 1, len(order))
    return [
        Piece(transposed(piece.roll, int(move)), piece.column, piece.number)
        for piece, move in zip(order, moves, strict=True)
    ]


def transposed(roll: Roll, semitones: int) -> Roll:
    """Return the roll moved by as many of the semitones as the keyboard has room for."""
    keys = np.flatnonzero(roll.any(0))
    if semitones == 0 or len(keys) == 0:
        return roll
    return np.roll(roll, np.clip(semitones, -keys[0], KEYS - 1 - keys[-1]), axis=1)


def by_length(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces, longest first: rows end almost together when none is left."""
    return sorted(pieces, key=lambda piece: -len(piece.roll))


def chunked(
    pieces: Sequence[Piece], *, rows: int, length: int, sets: int = 1, least: int = 1
) -> Iterator[FrameBatch]:
    """Yield the batches of one pass over the pieces in their order.

    Ends when fewer than `least` rows still play: a training pass need not wait for the tail of the
    longest piece.
    """
    for row in lanes((_cut(piece, length) for piece in pieces), rows, least):
        yield _padded(row, sets)


def _cut(piece: Piece, length: int) -> list[Chunk]:
    parts = np.array_split(piece.roll, -(-len(piece.roll) // length))
    return [(part, piece, i == 0) for i, part in enumerate(parts)]


def _padded(row: Sequence[Chunk | None], sets: int) -> FrameBatch:
    longest = max(len(chunk[0]) for chunk in row if chunk is not None)
    v = np.zeros((longest, len(row), KEYS), np.float32)
    mask = np.zeros((longest, len(row)), bool)
    cold = np.ones(len(row), bool)
    tags = np.zeros((len(row), sets), np.float32)
    number = np.full(len(row), -1)
    for i, chunk in enumerate(row):
        if chunk is not None:
            frames, piece, head = chunk
            v[: len(frames), i], mask[: len(frames), i] = frames, True
            cold[i], tags[i, piece.column], number[i] = head, 1, piece.number
    return FrameBatch(*(torch.from_numpy(a) for a in (v, mask, cold, tags, number)))
