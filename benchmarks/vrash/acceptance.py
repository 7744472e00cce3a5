"""Whether the filter lets a whole tune pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.vrash.tunes import notes, pitches
from export.papers.vrash.free_play import Tokens
from stream.compose.filter.entropy import NOTHING
from stream.compose.filter.selection import broken, entropy_rules
from stream.compose.melody.vocabulary import TWELFTHS
from stream.voices.spec import find_voice, read_spec

LONGEST = 160
"""Notes that are judged: with a longer tune so far the composer judges no phrase."""

Bounds = Mapping[str, tuple[float, float]]


def voice_bounds(voice: str) -> dict[str, Bounds]:
    """The filter of a voice, by style."""
    return {name: style.bounds for name, style in read_spec(find_voice(voice)).styles.items()}


def passes(tune: Tokens, bounds: Bounds) -> bool:
    """The tune keeps every entropy rule, as it would if all of it were one phrase."""
    melody = pitches(tune)[:LONGEST], np.array(TWELFTHS)[notes(tune)[:LONGEST, 2]]
    (rules,) = entropy_rules([melody], NOTHING, bounds)
    return broken(rules) == 0
