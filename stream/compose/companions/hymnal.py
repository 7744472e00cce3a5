"""The companion `hymnal`: alto, tenor and bass under any soprano.

It composes from the bass up: first which parts strike a note, then bass, tenor and alto, each
knowing those before. Pitches are distances from the key signature of the soprano, so that it plays
the same in every key; a soprano far up or down is heard as one in its usual place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.companions.four_parts import frames, hearing, rules
from stream.compose.companions.kind import Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints


class Hymnal:
    """Frames of a sixteenth: the parts that strike, and the pitches of bass, tenor and alto."""

    heads: tuple[int, ...] = frames.HEADS
    roles: tuple[str, ...] = tuple(reversed(frames.ORDER))
    context_width: int = hearing.WIDTH

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return what the soprano does in each frame [count, context_width]."""
        return hearing.context(score, first, count)

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames [count, 4] of the score's alto, tenor and bass."""
        return frames.encode(score, first, count)

    def decode(
        self,
        frames_: Ints,
        score: Score,
        rng: np.random.Generator,  # noqa: ARG002 -- nothing is finer than a token
    ) -> Mapping[str, Notes]:
        """Return the notes of alto, tenor and bass, each within its range."""
        return frames.decode(frames_, score)

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate [T, 4]."""
        return rules.rules(candidates, score)


KIND: Final = Hymnal()
