"""Pieces side by side: each row of a batch plays one after the other, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np

Chunk = TypeVar("Chunk")


def lanes(
    pieces: Iterable[Sequence[Chunk]], rows: int, least: int = 1
) -> Iterator[list[Chunk | None]]:
    """Yield a chunk of each row, time after time; None where a row has nothing left to play.

    `pieces` are taken in their order, whenever a row is free. It ends when fewer than `least` rows
    still play: a training pass need not wait for the tail of the longest piece.
    """
    queue = iter(pieces)
    waiting: list[list[Chunk]] = [[] for _ in range(rows)]
    while True:
        for lane in waiting:
            while not lane and (piece := next(queue, None)) is not None:
                lane.extend(reversed(piece))
        if sum(map(bool, waiting)) < max(least, 1):
            return
        yield [lane.pop() if lane else None for lane in waiting]


def spans(count: int, length: int) -> list[tuple[int, int]]:
    """Return begin and end of the fewest parts of `count` frames no longer than `length`."""
    edges = np.linspace(0, count, -(-count // length) + 1).astype(int).tolist()
    return list(pairwise(edges))
