"""The rules of the drums: as many hits as drummers play, a groove that is kept, no bar of silence.

Bounds come from the drummers of the Groove MIDI Dataset, train split, phrases of four bars in 4/4:
`python -m export.companions.drums CORPUS` prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.companions.drums_grid import AGAIN, SLOTS
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.filter.selection import Rules, silence_rules
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.verdict import Rule

ENERGIES: Final = (0.17, 0.5, 0.83)
"""Middles of the thirds of the energy for which densities are known."""
FEWEST: Final = (2.3, 2.7, 2.7)
"""Hits a beat that 95 % of the phrases of each third of the energy reach."""
MOST: Final = (6.6, 7.5, 7.9)
"""Hits a beat that 95 % of the phrases do not exceed."""
LIKENESS: Final = (0.26, 0.92)
"""Likeness of a bar to the next, mean over a phrase: range of the middle 90 % of the phrases."""


TOMS: Final = (0.0, 19.0)
"""Per cent of the hits that are on toms: range of 90 % of the phrases, fills included."""
TOM_SLOT: Final = len(SLOTS) - 1


def rules_of(candidates: Sequence[Ints], score: Score) -> list[Rules]:
    """Return the rules of each candidate [T, 15]: density, likeness, toms, downbeat and silence."""
    bar = max(score.bar // FRAME, 1)
    silent = silence_rules([_silences(each) for each in candidates], bar)
    return [
        (*_rules(each, score, bar), *silence)
        for each, silence in zip(candidates, silent, strict=True)
    ]


def _rules(frames: Ints, score: Score, bar: int) -> Rules:
    bounds = (float(np.interp(score.energy, ENERGIES, each)) for each in (FEWEST, MOST))
    downbeat = len(frames) % bar
    struck = float(frames[downbeat : downbeat + 1, : len(SLOTS)].any())
    found = [
        Rule("hits_a_beat", round(density(frames, score.beat), 3), *bounds),
        Rule("first_downbeat", struck, 1.0, 1.0),
        Rule("toms", round(100 * toms(frames), 1), *TOMS),
    ]
    alike = likeness(frames, bar)
    return (*found, Rule("likeness", round(alike, 3), *LIKENESS)) if alike >= 0 else tuple(found)


def density(frames: Ints, beat: int) -> float:
    """Return the hits a beat of `beat` ticks of frames [T, 15]."""
    hits = np.count_nonzero(frames[:, : len(SLOTS)]) + np.count_nonzero(frames[:, AGAIN])
    return float(hits) * beat / (FRAME * max(len(frames), 1))


def toms(frames: Ints) -> float:
    """Return the share of the hits of frames [T, 15] that are on toms; 0 without hits."""
    hits = np.count_nonzero(frames[:, : len(SLOTS)])
    return np.count_nonzero(frames[:, TOM_SLOT]) / hits if hits else 0.0


def likeness(frames: Ints, bar: int) -> float:
    """Return how alike bars of `bar` frames are to the next ones; -1 for fewer than two.

    It is the mean of the Jaccard index, the share of hits common to both bars in the hits of
    either, of neighbors in frames [T, 15]. Two empty bars are equal.
    """
    hits = frames[len(frames) % bar :, : len(SLOTS)] > 0
    bars = hits.reshape(-1, bar, len(SLOTS))
    shares = [_jaccard(a, b) for a, b in pairwise(bars)]
    return float(np.mean(shares)) if shares else -1.0


def _jaccard(one: Flags, other: Flags) -> float:
    either = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / either if either else 1.0


def _silences(frames: Ints) -> list[int]:
    return [int(not row.any()) for row in frames[:, : len(SLOTS)]]
