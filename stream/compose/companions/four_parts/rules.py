"""The rules of four parts; their bounds are those of real hymns and quartets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.companions.four_parts import texture
from stream.compose.companions.four_parts.frames import ORDER, QUARTET, decode
from stream.compose.companions.four_parts.line import line
from stream.compose.companions.four_parts.reference import heard, reference
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints
from stream.music.scale import OCTAVE
from stream.music.verdict import Rule

HYMN_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "parallels": (0.0, 0.25),
    "crossings": (0.0, 0.03),
    "wide": (0.0, 0.02),
    "leaps": (0.0, 0.25),
    "chords": (0.87, 1.0),
    "triads": (0.5, 1.0),
    "sevenths": (0.0, 0.07),
    "rests": (0.0, 0.02),
    "alone": (0.0, 0.02),
}
"""Bounds of nineteen of twenty phrases of real hymns, of triads and sevenths nine of ten. They are
no narrower, or the choice would be more regular than hymns are."""
QUARTET_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "parallels": (0.0, 0.5),
    "crossings": (0.0, 0.13),
    "wide": (0.0, 0.5),
    "leaps": (0.0, 0.5),
    "chords": (0.65, 1.0),
    "rests": (0.0, 0.25),
    "alone": (0.0, 0.3),
}
"""Bounds of nine of ten phrases of real quartets; of parallels and crossings three of four, since
quartets often double at the octave."""


def rules(candidates: Sequence[Ints], score: Score) -> list[Rules]:
    """Return the rules of each candidate [T, 4]."""
    bounds = QUARTET_BOUNDS if score.style == QUARTET else HYMN_BOUNDS
    return [_rules(candidate, score, bounds) for candidate in candidates]


def _rules(candidate: Ints, score: Score, bounds: Mapping[str, tuple[float, float]]) -> Rules:
    parts = four(score, decode(candidate, score), 0)
    found = texture.measured(parts, max(score.bar // FRAME, 1), max(score.beat // FRAME, 1))
    table = tuple(Rule(name, round(found[name], 3), *bounds[name]) for name in bounds)
    table += (Rule("clashes", float(clashes(parts, score.beat // FRAME)), 0.0, 0.0),)
    if not score.closing or not len(parts):
        return table
    tonic = texture.rests_on_tonic(parts[-1], reference(score))
    return (*table, Rule("last_chord", float(tonic), 1.0, 1.0))


def clashes(parts: Ints, beat: int) -> int:
    """Return how often a part of [T, 4] is a minor second or ninth from the first for a beat.

    A beat has `beat` frames.
    """
    lead, others = parts[:, :1], parts[:, 1:]
    rough = (lead > 0) & (others > 0) & (np.abs(lead - others) % OCTAVE == 1)  # [T, 3]
    edges = np.diff(np.pad(rough, ((1, 1), (0, 0))).astype(np.int64), axis=0).T  # [3, T + 1]
    begins, ends = (np.argwhere(edges == sign) for sign in (1, -1))
    return int(np.count_nonzero(ends[:, 1] - begins[:, 1] >= beat))


def four(score: Score, parts: Mapping[str, Notes], first: int) -> Ints:
    """Return the pitches [T, 4] from tick `first`: the lead, and alto, tenor and bass as given."""
    count = (score.length - first) // FRAME
    first = score.length - FRAME * count
    rows = [line(heard(score), first, count)]
    rows += [line(parts.get(role, ()), first, count) for role in reversed(ORDER)]
    return np.stack([row.pitch for row in rows], 1)
