"""The filter applied to whole tunes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.vrash.tunes import notes, pitches
from export.papers.vrash.free_play import Tokens
from stream.compose.filter.entropy import NO_NOTES
from stream.compose.filter.selection import broken, entropy_rules
from stream.compose.melody.vocabulary import TWELFTHS
from stream.voices.spec import find_voice, read_spec

LONGEST = 160
"""Most notes that are judged; the composer judges no phrase after a longer tune."""

Bounds = Mapping[str, tuple[float, float]]


def voice_bounds(voice: str) -> dict[str, Bounds]:
    """Return the bounds of a voice's filter by style."""
    return {name: style.bounds for name, style in read_spec(find_voice(voice)).styles.items()}


def passes(tune: Tokens, bounds: Bounds) -> bool:
    """Return True if the tune, taken as one phrase, keeps every entropy rule."""
    melody = pitches(tune)[:LONGEST], np.array(TWELFTHS)[notes(tune)[:LONGEST, 2]]
    (rules,) = entropy_rules([melody], NO_NOTES, bounds)
    return broken(rules) == 0
