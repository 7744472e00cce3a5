"""What is tested of frames before they play; each source gives a tuple of rules per candidate.

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
from stream.compose.polyphony.kind import Kind
from stream.music.note import Rule


def measured(kind: Kind, past: Ints, takes: Sequence[Ints], bar: int) -> list[dict[str, float]]:
    """The features of the excerpts that end in each of the candidates [T, M].

    Entropies of less than a whole excerpt have no value: NaN.
    """
    rows = []
    for take in takes:
        excerpt = since(kind, np.concatenate([past, take]), -BARS * bar)
        found = kind.features(excerpt)
        if len(excerpt) < BARS * bar:
            found |= dict.fromkeys(ENTROPIES, math.nan)
        rows.append(found)
    return rows


def since(kind: Kind, frames: Ints, begin: int) -> Ints:
    """`frames[begin:]`, in which what sounded before is struck again."""
    kept = frames[begin:].copy()
    before = kind.sounding(frames[: len(frames) - len(kept)])
    kept[:1] = kind.told(0, kept[:1], before[None])[0]
    return kept


def feature_rules(
    kind: Kind, rows: Sequence[Mapping[str, float]], bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """A rule for each feature that has bounds and a value; `rows` are what `measured` gives."""
    names = [name for name in kind.measures if name in bounds]
    return [
        tuple(Rule(n, row[n], *bounds[n]) for n in names if not math.isnan(row[n])) for row in rows
    ]


def closing_rules(kind: Kind, takes: Sequence[Ints], shortest: float) -> list[Rules]:
    """One rule for the last phrase of a tune: its last chord is held for `shortest` frames."""
    return [
        (Rule("last_chord", float(kind.last(take)), shortest, float(len(take))),) for take in takes
    ]
