"""The rules for frames; each source returns a tuple of rules per candidate.

Conventions: `past` [n, M] are the frames of the tune before the candidates, whose first frame
follows it; a bar has `bar` frames.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from stream.compose.filter.selection import Rules
from stream.compose.polyphony.features import BARS, ENTROPIES
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.music.verdict import Rule


def measure(
    kind: FrameKind, past: Ints, candidates: Sequence[Ints], bar: int
) -> list[dict[str, float]]:
    """Return the features of the excerpts that end in each of the candidates [T, M].

    Entropies of less than a whole excerpt have no value: NaN.
    """
    rows = []
    for candidate in candidates:
        excerpt = cut_from(kind, np.concatenate([past, candidate]), -BARS * bar)
        found = kind.features(excerpt)
        if len(excerpt) < BARS * bar:
            found |= dict.fromkeys(ENTROPIES, math.nan)
        rows.append(found)
    return rows


def cut_from(kind: FrameKind, frames: Ints, begin: int) -> Ints:
    """Return `frames[begin:]`, with the notes that sounded before struck again."""
    rest = frames[begin:].copy()
    before = kind.sustained(frames[: len(frames) - len(rest)])
    rest[:1] = kind.corrected(0, rest[:1], before[None])[0]
    return rest


def feature_rules(
    kind: FrameKind, rows: Sequence[Mapping[str, float]], bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """Return a rule for each feature that has bounds and a value; `rows` come from `measure`."""
    names = [name for name in kind.feature_names if name in bounds]
    return [
        tuple(Rule(n, row[n], *bounds[n]) for n in names if not math.isnan(row[n])) for row in rows
    ]


def closing_rules(kind: FrameKind, candidates: Sequence[Ints], shortest: float) -> list[Rules]:
    """Return the rule for the last phrase of a tune: its last chord lasts `shortest` frames."""
    return [
        (Rule("last_chord", float(kind.end_length(candidate)), shortest, float(len(candidate))),)
        for candidate in candidates
    ]
