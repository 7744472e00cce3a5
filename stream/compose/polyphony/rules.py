"""What is tested of frames before they play; each source gives a tuple of rules per candidate.

Conventions: `past` [n, M] are the frames of the tune before the candidates, whose first frame
follows it; a bar has `bar` frames.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from stream.compose.filters import Rules
from stream.compose.polyphony.features import BARS, ENTROPIES, FEATURES, features
from stream.compose.polyphony.frames import Ints, pitches
from stream.note import Rule

SILENT_BARS = 1.0
"""Bars without a note that a phrase may have in a row."""


def measured(kind: str, past: Ints, takes: Sequence[Ints], bar: int) -> list[dict[str, float]]:
    """The features of the excerpts that end in each of the candidates [T, M].

    Entropies of less than a whole excerpt have no value: NaN.
    """
    tail = past[len(past) - min(len(past), BARS * bar) :]
    rows = []
    for take in takes:
        excerpt = np.concatenate([tail, take])[-BARS * bar :]
        found = features(kind, excerpt)
        if len(excerpt) < BARS * bar:
            found |= dict.fromkeys(ENTROPIES, math.nan)
        rows.append(found)
    return rows


def feature_rules(
    kind: str, rows: Sequence[Mapping[str, float]], bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """A rule for each feature that has bounds and a value; `rows` are what `measured` gives."""
    names = [name for name in FEATURES[kind] if name in bounds]
    return [
        tuple(Rule(n, row[n], *bounds[n]) for n in names if not math.isnan(row[n])) for row in rows
    ]


def silence_rules(kind: str, takes: Sequence[Ints], bar: int) -> list[Rules]:
    """One rule: the longest stretch without a note, in bars."""
    return [
        (Rule("silence", round(_silence(kind, take) / bar, 3), 0.0, SILENT_BARS),) for take in takes
    ]


def _silence(kind: str, take: Ints) -> int:
    longest = here = 0
    for sounds in np.any(pitches(kind, take), axis=1).tolist():
        here = 0 if sounds else here + 1
        longest = max(longest, here)
    return longest


def closing_rules(kind: str, takes: Sequence[Ints], shortest: float) -> list[Rules]:
    """One rule for the last phrase of a tune: its last chord is held for `shortest` frames."""
    return [
        (Rule("last_chord", float(_held(kind, take)), shortest, float(len(take))),)
        for take in takes
    ]


def _held(kind: str, take: Ints) -> int:
    """Frames for which the last chord has sounded; 0 where it is none."""
    sounding = pitches(kind, take)
    if not sounding[-1].any():
        return 0
    others = np.flatnonzero(np.any(sounding != sounding[-1], axis=1))
    return len(take) - (int(others[-1]) + 1 if len(others) else 0)
