"""The path of a bass line through its beats: the cheapest one, with random costs added.

The search is the Viterbi algorithm over all pitches of the range. With Gumbel noise on the costs,
its result is a random draw that still keeps the rules (perturb-and-MAP, Papandreou & Yuille 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_spans import Span
from stream.compose.companions.kind import Floats
from stream.music.scale import OCTAVE

LEAPS: Final = np.full(128, 99.0, np.float32)
LEAPS[: OCTAVE + 1] = (2.5, 0.0, 0.0, 0.3, 0.4, 0.5, 1.6, 0.6, 1.6, 1.4, 2.4, 3.0, 1.5)
"""Cost of an interval by its size in semitones: steps are free, no leap exceeds an octave."""
APPROACH: Final = {-1: 0.0, 1: 0.2, -2: 0.3, 2: 0.3, -5: 0.6, 7: 0.6, 0: 2.0}
"""Cost of the interval from the root that is approached to the note before it."""
NOISE: Final = 0.35
"""Scale of the Gumbel noise."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One note of the line to be chosen."""

    onset: int
    duration: int
    span: Span
    """The chord at its onset."""
    opens: bool
    """True for the first note of a chord: it is the root."""
    strong: bool
    """True at a bar line."""


def path(
    slots: Sequence[Slot], low: int, high: int, before: int | None, rng: np.random.Generator
) -> list[int]:
    """Return the pitch of each slot, from `low` to `high`; `before` is the last pitch, if any."""
    pitches = np.arange(low, high + 1)
    if not slots or not len(pitches):
        return []
    costs = [own_costs(slot, pitches) + NOISE * _noise(len(pitches), rng) for slot in slots]
    total, back = costs[0], []
    if before is not None:
        total = total + np.minimum(LEAPS[np.abs(pitches - before)], 4.0)
    for slot, cost in zip(slots[1:], costs[1:], strict=True):
        between = total[:, None] + moves(slot, pitches)
        back.append(between.argmin(0))
        total = between.min(0) + cost
    at = [int(total.argmin())]
    for pointers in reversed(back):
        at.append(int(pointers[at[-1]]))
    return [int(pitches[index]) for index in reversed(at)]


def own_costs(slot: Slot, pitches: np.ndarray) -> Floats:
    """Return the cost of each pitch for a slot by itself."""
    degree = (pitches - slot.span.root) % OCTAVE
    tones = [(tone - slot.span.root) % OCTAVE for tone in slot.span.tones]
    by_degree = np.full(OCTAVE, 9.0 if slot.opens else 4.0 if slot.strong else 1.3, np.float32)
    if not slot.opens:
        by_degree[tones] = 1.2 if slot.strong else 0.4
    by_degree[0] = 0.0 if slot.opens or slot.strong else 0.7
    middle = (pitches[0] + pitches[-1]) / 2
    far = np.maximum(np.abs(pitches - middle) - len(pitches) / 4, 0)
    return np.asarray(by_degree[degree] + 0.12 * far, np.float32)


def moves(slot: Slot, pitches: np.ndarray) -> Floats:
    """Return the cost of each interval [from, to]; a root is approached."""
    interval = pitches[None] - pitches[:, None]
    cost = LEAPS[np.abs(interval)].copy()
    if slot.opens:
        approach = np.full(interval.shape, 1.5, np.float32)
        for distance, each in APPROACH.items():
            approach[interval == -distance] = each
        cost = np.where(np.abs(interval) > OCTAVE, cost, 0.5 * cost + approach)
    return np.asarray(cost, np.float32)


def _noise(count: int, rng: np.random.Generator) -> Floats:
    return np.asarray(-np.log(-np.log(rng.random(count) * 0.999 + 0.0005)), np.float32)
