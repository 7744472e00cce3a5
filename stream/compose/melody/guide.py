"""Guides of the sampler: the point of each step, and the events that it prescribes.

Conventions: K candidates; times in twelfths of a unit since the head of the written tune.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np

from stream.compose.melody.outline import EQUAL, Outline
from stream.compose.melody.outline_context import OutlineContext
from stream.compose.melody.vocabulary import REST
from stream.compose.step import Ints, Point

Events = Mapping[int, tuple[int, ...]]
"""Tokens of events by their onset."""


class Guide(Protocol):
    """Everything that a step takes besides noise and state."""

    def step(self, elapsed: Ints) -> tuple[Point, Ints | None]:
        """Return the point, and the forced tokens [K, 3] if any, `elapsed` [K] into the phrase."""

    def update(self, elapsed: Ints, tokens: Ints) -> None:
        """Store the tokens [K, 3] that begin `elapsed` [K] into the phrase."""


class Unguided:
    """The guide of a voice without outlines: the same point at each step, and free choice."""

    def __init__(self, point: Point) -> None:
        self._point = point

    def step(self, elapsed: Ints) -> tuple[Point, Ints | None]:  # noqa: ARG002
        return self._point, None

    def update(self, elapsed: Ints, tokens: Ints) -> None:
        pass


class OutlineGuide:
    """The guide by an outline: bars that are equal to earlier ones are copied from them."""

    def __init__(self, outline: Outline, point: Point, begin: int, past: Events) -> None:
        self._outline, self._point, self._begin = outline, point, begin
        self._bar = 12 * outline.bar
        self._contexts = OutlineContext(outline)
        self._played = [dict(past) for _ in range(len(point.style))]
        bar = begin // self._bar
        began = sum(onset // self._bar == bar and t[0] != REST for onset, t in past.items())
        self._bars = np.full(len(point.style), bar)
        self._notes = np.full(len(point.style), began)
        """The bar of each candidate's last event, and the notes that have begun in it."""

    def step(self, elapsed: Ints) -> tuple[Point, Ints | None]:
        onsets = self._begin + elapsed
        notes = np.where(onsets // self._bar == self._bars, self._notes, 0)
        point = dataclasses.replace(self._point, context=self._contexts.at(onsets, notes))
        force = np.array(
            [
                self._played[k].get(self._source(onset), (-1, -1, -1))
                for k, onset in enumerate(onsets.tolist())
            ],
            np.int64,
        )
        return point, force

    def update(self, elapsed: Ints, tokens: Ints) -> None:
        bars = (self._begin + elapsed) // self._bar
        self._notes = np.where(bars == self._bars, self._notes, 0) + (tokens[:, 0] != REST)
        self._bars = bars
        rows = zip(self._played, (self._begin + elapsed).tolist(), tokens.tolist(), strict=True)
        for played, onset, token in rows:
            played[onset] = tuple(token)

    def _source(self, onset: int) -> int:
        """Return the onset that the event at `onset` is copied from; -1 if it is composed."""
        bar = onset // self._bar
        if bar >= self._outline.bars:
            return -1
        found = self._outline.returns[bar]
        return onset - found.lag * self._bar if found.likeness == EQUAL else -1


def by_onset(tokens: Iterable[tuple[int, int, int]], lengths: Ints) -> dict[int, tuple[int, ...]]:
    """Return the events of a written tune by their onset; `lengths` are those of the classes."""
    found: dict[int, tuple[int, ...]] = {}
    onset = 0
    for token in tokens:
        found[onset] = token
        onset += int(lengths[token[2]])
    return found
