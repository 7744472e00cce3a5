"""A companion that is a set of rules written by hand, instead of a trained voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from stream.compose.companions.score import Notes, Score


class RuleCompanion(Protocol):
    """A companion without a network: it composes one phrase by rules."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the parts that it composes."""

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the notes by role. None begins before the phrase or lasts beyond it.

        Their channel is the number of the part. A phrase without chords gives no notes.
        """
