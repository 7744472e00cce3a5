"""The memory of a tune: the bars whose pitches or rhythm are those of `LOOP` bars before.

One number a phrase is drawn from the stream's seed; each of its bars returns from a setting of the
control on that follows from it, the first bar before the last: a phrase begins as the one before,
and ends in another way, as tunes do. So the bars that return at a low setting are among those that
return at a higher one, and where both controls are equal, bars return whole. A tune returns to
itself alone: the memory ends with the tune.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.entropy import FEATURES, OPEN
from stream.compose.polyphony.features import ENTROPIES
from stream.compose.tune_plan import TunePlan
from stream.music.note import PhraseRequest

LOOP: Final = 4
"""Bars after which a bar returns: a phrase, so that the last bar of one returns in the last bar of
another, and ends at the bar line as that does."""
MEASURED: Final = frozenset((*FEATURES, *ENTROPIES, "pitch_entropy"))
"""Entropies of the filter: music that returns has less of each."""
LEAST: Final = "_min_"
"""Part of the names of least entropies: what no window of a loop has, no later one will have."""
LATER: Final = 1 / 8
"""Distance at which the draws of a phrase's bars follow each other: with 0, phrases would return
whole or not at all, and with 1, only the first bar of each at low settings."""
NEVER: Final = 1.0
DRAW: Final = 8
"""The number that this draw adds to the seed."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recall:
    """The bars of a tune that return; flags [n], a bar each."""

    pitch: Flags
    rhythm: Flags

    @property
    def whole(self) -> Flags:
        """The bars whose pitches and rhythm both return."""
        return self.pitch & self.rhythm


def remembers(request: PhraseRequest) -> bool:
    """Return True if anything may return; a response to a call returns to nothing."""
    controls = request.controls
    return not request.call and bool(controls.pitch_memory or controls.rhythm_memory)


def recall(request: PhraseRequest, bars: int, closing: int = -1) -> Recall:
    """Return which of the tune's first bars return by the controls of the request.

    The bar `closing`, with which the tune ends, is composed, so that it can end there.
    """
    phrases = np.random.default_rng([request.seed, request.tune, DRAW]).random(-(-bars // LOOP))
    needed = settings(phrases).ravel()[:bars]
    needed[:LOOP] = NEVER
    if 0 <= closing < bars:
        needed[closing] = NEVER
    controls = request.controls
    return Recall(needed < controls.pitch_memory, needed < controls.rhythm_memory)


def settings(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the settings [n, LOOP], 0 to 1, beyond which the bars of n phrases return.

    `drawn` [n] are numbers from 0 to 1. If they are uniform, the mean share of the bars that return
    is the setting of the control.
    """
    later = LATER * np.arange(LOOP)
    order = drawn[:, None] + later
    return np.asarray((order[..., None] - later).clip(0, 1).mean(-1))


def loosened(plan: TunePlan, request: PhraseRequest) -> TunePlan:
    """Return the plan without the rules against what the controls ask for.

    These are the least entropies, and the share of a phrase that may repeat its tune. The rules
    against runs of other tunes and of the corpus stay.
    """
    if not remembers(request):
        return plan
    controls = request.controls
    bounds = {name: _opened(name, *each) for name, each in plan.bounds.items()}
    both = min(controls.pitch_memory, controls.rhythm_memory)
    return replace(plan, bounds=bounds, returning=1.0 if both else plan.returning)


def _opened(name: str, low: float, high: float) -> tuple[float, float]:
    """Return the bounds of a feature in music that returns."""
    if LEAST in name:
        return OPEN
    return (0.0 if name in MEASURED else low), high
