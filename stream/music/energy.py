"""The energy of the music, from 0 to 1: a level set by hand, and a slow arc around it.

The arc is a function of the stream's seed and the number of the tune, so that both players and a
restarted composer find the same value. It goes through a random value every `TUNES` tunes, along
half a cosine from one to the next.
"""

from __future__ import annotations

import math
import random
from typing import Final

TUNES: Final = 3
"""Tunes from one random value of the arc to the next."""
PHRASES: Final = 8
"""Phrases after which a tune counts as over: the arc moves within a tune, too."""


def energy_at(level: float, arc: float, seed: int, tune: int, phrase: int) -> float:
    """Return the energy of a phrase, from 0 to 1.

    `level` is the energy set by hand, `arc` the depth of the arc (0 to 1), `phrase` the number of
    the phrase in its tune.
    """
    at = (tune + min(phrase / PHRASES, 1.0)) / TUNES
    step, share = int(at), at - int(at)
    before, after = _value(seed, step), _value(seed, step + 1)
    swing = before + (after - before) * (1 - math.cos(math.pi * share)) / 2
    return round(min(max(level + arc * swing, 0.0), 1.0), 3)


def _value(seed: int, step: int) -> float:
    """Return the arc's random value at a step, from -0.5 to 0.5; it begins in the middle."""
    return random.Random(f"energy {seed} {step}").random() - 0.5 if step else 0.0
