"""The kinds of companions: what the tokens of each mean, what it hears, which rules it keeps.

A companion composes the frames of one phrase, a frame for each sixteenth (12 ticks), from its first
whole frame to the end of the phrase, which is a bar line. Conventions: frames int64 [T, M] for M
heads, context float32 [T, C].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints

Floats = NDArray[np.float32]

FRAME: Final = 12
"""Ticks in a frame: a sixteenth note."""


class CompanionKind(Protocol):
    """One kind of companion. Every method is a pure function of its arguments."""

    @property
    def heads(self) -> tuple[int, ...]:
        """Classes of each head; START is one past the last class."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the parts that it composes."""

    @property
    def context_width(self) -> int:
        """Width C of the context."""

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return what it hears in frames of the score [count, C], the first at tick `first`.

        `first` may be negative, in the past. Nothing beyond the phrase is heard, because it is not
        composed yet. The part that it composes itself is never part of the context.
        """

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames [count, M] of its own parts in the score, the first at tick `first`."""

    def decode(self, frames: Ints, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the notes by role of frames that end with the phrase, as it sounds.

        No note begins before the phrase or lasts beyond it. `rng` draws what is finer than a token,
        such as a velocity within its class.
        """

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate [T, M]."""
