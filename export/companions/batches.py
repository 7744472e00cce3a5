"""Pieces of a companion as padded batches of chunks.

Conventions: T frames a chunk, B rows, M heads, C width of the context, S tags. A row plays piece
after piece, each from a fresh state; the state is carried from chunk to chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from export.companions.role import Piece
from export.models.companion import CompanionConfig
from export.training.lanes import lanes, spans
from stream.compose.polyphony.frames import Ints


@dataclass(frozen=True, slots=True)
class CompanionBatch:
    """One chunk of every row."""

    frames: Tensor
    """Tokens, int64 [T, B, M]."""
    before: Tensor
    """Tokens of the frames before, int64 [T, B, M]."""
    echoes: Tensor
    """Tokens of the frames that the model's `echo` names, int64 [T, B, E M]."""
    context: Tensor
    """float32 [T, B, C]."""
    tags: Tensor
    """float32 [T, B, S]."""
    mask: Tensor
    """True for the frames that count, bool [T, B]."""
    cold: Tensor
    """True if the row begins a piece, or is idle, bool [B]."""


def chunked(
    pieces: Sequence[Piece], config: CompanionConfig, rows: int, length: int
) -> Iterator[CompanionBatch]:
    """Yield the batches of one pass over the pieces in their order."""
    cut = ([(piece, *span) for span in spans(len(piece), length)] for piece in pieces)
    for chunks in lanes(cut, rows):
        yield _padded(chunks, config)


def _padded(
    chunks: Sequence[tuple[Piece, int, int] | None], config: CompanionConfig
) -> CompanionBatch:
    heads, echo = config.heads, config.echo
    filler = next(chunk[0] for chunk in chunks if chunk)
    shape = (max(chunk[2] - chunk[1] for chunk in chunks if chunk), len(chunks))
    frames = np.zeros((*shape, len(heads)), np.int64)
    before = np.zeros_like(frames)
    echoes = np.zeros((*shape, len(echo) * len(heads)), np.int64)
    context = np.zeros((*shape, filler.context.shape[1]), np.float32)
    tags = np.zeros((*shape, len(filler.tags)), np.float32)
    mask, cold = np.zeros(shape, bool), np.ones(len(chunks), bool)
    for i, chunk in enumerate(chunks):
        if chunk is None:
            continue
        piece, a, b = chunk
        n, cold[i] = b - a, a == 0
        frames[:n, i], context[:n, i] = piece.frames[a:b], piece.context[a:b]
        before[:n, i] = _ago(piece.frames, heads, 1)[a:b]
        if echo:
            echoes[:n, i] = np.concatenate([_ago(piece.frames, heads, lag) for lag in echo], 1)[a:b]
        tags[:n, i], mask[:n, i] = piece.tags, True
    return CompanionBatch(
        *map(torch.from_numpy, (frames, before, echoes, context, tags, mask, cold))
    )


def _ago(frames: Ints, heads: Sequence[int], lag: int) -> Ints:
    """Return the frames `lag` before each [T, M]; START before the first."""
    return np.concatenate([np.repeat([heads], lag, 0), frames])[: len(frames)]
