"""A piece in four parts, and the phrases of it as a companion hears them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from export.companions.role import Piece
from stream.compose.companions.four_parts.hearing import REGISTER_AT
from stream.compose.companions.hymnal import KIND
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import ALTO, BASS, LEAD, TENOR
from stream.music.scale import OCTAVE

Phrase = tuple[Ints, NDArray[np.float16]]
"""Tokens [T, M] and context [T, C] of one phrase."""
Tags = NDArray[np.float32]
PARTS = (LEAD, ALTO, TENOR, BASS)
"""Roles from the soprano down."""
BARS = 4
"""Bars of a phrase."""


@dataclass(frozen=True, slots=True)
class Song:
    """A piece, or a stretch of one, of one meter; it ends at a bar line."""

    parts: Mapping[str, Notes]
    """Notes by role; onsets in ticks from the start."""
    length: int
    """Ticks; what precedes the first whole bar is a pickup."""
    bar: int
    beat: int
    style: str
    group: int
    """Songs of one group belong to the same split."""
    title: str = ""
    ends: bool = True
    """True if the end is that of the piece."""

    def phrase(self, begin: int, end: int) -> Score:
        """Return the phrase between two ticks, with its past."""
        parts = {
            role: tuple(_until(n, end).moved(-begin) for n in notes if n.onset < end)
            for role, notes in self.parts.items()
        }
        closing = self.ends and end == self.length
        return Score(
            parts, end - begin, self.bar, self.beat, begin,
            (begin,) if begin else (), closing, style=self.style,
        )  # fmt: skip

    def edges(self, bars: int, offset: int = 0) -> list[int]:
        """Return the ticks between phrases of so many bars, counted from the end.

        The last phrase has `bars` less `offset` bars, the first one what remains: a bar at least,
        with the pickup.
        """
        last = self.length - (bars - offset) * self.bar
        edges = [self.length, *range(last, 0, -bars * self.bar)]
        edges = [edge for edge in edges if edge >= self.bar and edge % FRAME == 0]
        return [self.length % FRAME, *reversed(edges)]

    def scores(self, bars: int = BARS, offset: int = 0) -> list[Score]:
        """Return all phrases in their order."""
        return [self.phrase(a, b) for a, b in pairwise(self.edges(bars, offset))]


def _until(note: Note, end: int) -> Note:
    return note if note.end <= end else note.until(end)


def phrase_of(score: Score) -> Phrase:
    """Return the tokens and the context of a phrase, as the runtime computes them."""
    count = score.length // FRAME
    first = score.length - count * FRAME
    context = KIND.context(score, first, count).astype(np.float16)
    return KIND.encode(score, first, count), context


def piece_of(phrases: Sequence[Phrase], tags: Tags, octaves: float = 0.0) -> Piece:
    """Return successive phrases as a piece; the register is told `octaves` too high."""
    frames, contexts = zip(*phrases, strict=True)
    context = np.concatenate(contexts).astype(np.float32)
    context[:, REGISTER_AT] += octaves
    return Piece(np.concatenate(frames), context, tags)


def moved_register(rng: np.random.Generator, reach: int = 3) -> float:
    """Return a shift of the register, in octaves: a tune is sung in keys near its own."""
    return float(rng.integers(-reach, reach + 1)) / OCTAVE
