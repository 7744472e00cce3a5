"""Favourites: latent points of kept tunes to which later tunes of a stream return. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stream.music.controls import Blend

SHARE: Final = 0.25
"""Share of the tunes that return to a favourite, if there are any for their style."""


@dataclass(frozen=True, slots=True)
class Favourite:
    """A tune that a listener wants more like."""

    title: str
    style: str
    """The style of the tune, or that of most weight in a blend."""
    latent: str
    """Its latent point, as `Phrase.latent` tells it."""

    @property
    def members(self) -> tuple[str, str, str]:
        """Title, style and latent point, as requests hold them."""
        return self.title, self.style, self.latent


def main_style(style: str) -> str:
    """Return the style of most weight in the name of a style or blend, `bach:0.7,jazz:0.3`."""
    parts = [part.partition(":") for part in style.split(",")]
    return max(parts, key=lambda part: _number(part[2]))[0]


def _number(weight: str) -> float:
    try:
        return float(weight or 1.0)
    except ValueError:
        return 0.0


def favourite_of(
    seed: int, tune: int, style: tuple[Blend, ...], favourites: Sequence[Favourite]
) -> tuple[str, ...]:
    """Return the members of the favourite that a tune returns to; empty for most tunes.

    `style` is that of the controls: if it names styles, only favourites of these are returned to.
    The choice depends on seed, tune and favourites alone.
    """
    named = {name for blend in style for name, _ in blend}
    fitting = [each for each in favourites if not named or each.style in named]
    rng = random.Random(f"{seed} {tune} favourite")
    if not fitting or rng.random() >= SHARE:
        return ()
    return rng.choice(fitting).members
