"""The drums: a companion that learned from the recordings of ten drummers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stream.compose.companions.drums_grid import HEADS, decoded, encoded
from stream.compose.companions.drums_hearing import WIDTH, heard
from stream.compose.companions.drums_rules import rules_of
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints
from stream.music.part import DRUMS


class Drums:
    """Hits, velocities and offsets of a drum kit; a `CompanionKind`."""

    heads = HEADS
    roles = (DRUMS,)
    context_width = WIDTH
    temperature = 0.9
    """Factor of the temperature: at 1, bars differ more in velocity than a drummer's do."""

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return what the drummer hears [count, C]: see `drums_hearing`."""
        return heard(score, first, count)

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames [count, 15] of the drums in the score."""
        return encoded(score.notes(DRUMS), first, count)

    def decode(self, frames: Ints, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the notes of frames that end with the phrase; `rng` draws within the classes."""
        first = score.length - FRAME * len(frames)
        return {DRUMS: decoded(frames, first, score.length, rng)}

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate [T, 15]: see `drums_rules`."""
        return rules_of(candidates, score)


KIND = Drums()
