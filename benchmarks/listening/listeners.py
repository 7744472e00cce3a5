"""Simulated listeners: each likes half of all tunes, by one or two features, and gives stars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

LIKED, DISLIKED, NOISE = 4.0, 2.0, 0.8
"""Mean stars of tunes that are liked and of others, and the standard deviation of both."""
MIDDLE: Final = "middle"
"""Liking for a middle value of a feature, the half of all tunes nearest to the median."""
LISTENERS: Final[Mapping[str, Mapping[str, float | str]]] = {
    "fewer leaps": {"leaps": -1.0},
    "more notes": {"density": 1.0},
    "slower": {"tempo": -1.0},
    "syncopation": {"syncopation": 1.0},
    "lower": {"register": -1.0},
    "varied rhythms": {"rhythm": 1.0},
    "narrow, few leaps": {"range": -1.0, "leaps": -1.0},
    "moderate tempos": {"tempo": MIDDLE},
}
"""The features of which each listener likes more (1), less (-1) or a middle value."""

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference that half of the tunes of a voice meet."""

    centers: Mapping[str, float]
    spreads: Mapping[str, float]
    likings: Mapping[str, float | str]
    least: float
    """Score above which a tune is liked: the median."""
    sign: int = 1
    """-1 once the listener likes the other half."""

    def likes(self, tune: Features) -> bool:
        """Return True for a tune of the half that is liked."""
        return (self._score(tune) > self.least) == (self.sign > 0)

    def flipped(self) -> Preference:
        """Return the preference for the other half."""
        return Preference(self.centers, self.spreads, self.likings, self.least, -self.sign)

    def _score(self, tune: Features) -> float:
        units = {f: (tune[f] - self.centers[f]) / self.spreads[f] for f in self.likings}
        return sum(
            -abs(units[f]) if liking == MIDDLE else float(liking) * units[f]
            for f, liking in self.likings.items()
        )


def preference(likings: Mapping[str, float | str], tunes: Sequence[Features]) -> Preference:
    """Return the preference that half of these tunes meet."""
    values = {f: np.array([tune[f] for tune in tunes]) for f in likings}
    centers = {f: float(np.median(v)) for f, v in values.items()}
    spreads = {f: float(v.std()) or 1.0 for f, v in values.items()}
    plain = Preference(centers, spreads, likings, 0.0)
    least = float(np.median([plain._score(tune) for tune in tunes]))  # noqa: SLF001 (same module)
    return Preference(centers, spreads, likings, least)


def stars(liked: bool, rng: np.random.Generator) -> int:  # noqa: FBT001 (the fact itself)
    """Return 1-5 stars for a tune, with the noise of a listener."""
    given = (LIKED if liked else DISLIKED) + NOISE * rng.standard_normal()
    return int(np.clip(round(given), 1, 5))
