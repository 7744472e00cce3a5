"""Draws by the taste of a listener, and the one among several plans of a tune.

Each has a score in stars, the sum of the terms of the taste, and one is drawn: the odds of two are
at most exp(2 · `BOUND`) to one, so a taste moves the music and never narrows it to one kind. The
draw depends on the seed alone, and tunes of a set are drawn together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.tune_sets import SIZES, set_of
from stream.music.note import TICKS_PER_BEAT, PhraseRequest
from stream.music.tune_facts import meter_of
from stream.taste.features import Features, plan_features
from stream.taste.terms import Term

if TYPE_CHECKING:
    from stream.compose.melody.outline import Outline


class Planned(Protocol):
    """Facts about a tune before its first note, as `stream.compose.tune_plan` plans them."""

    @property
    def name(self) -> str:
        """The style or the blend."""

    @property
    def style(self) -> str:
        """The style of most weight."""

    @property
    def bar(self) -> int:
        """Units in a bar."""

    @property
    def unit(self) -> int:
        """Ticks in a unit."""

    @property
    def tempo(self) -> float:
        """Quarter notes a minute; 0 if unknown."""

    @property
    def outline(self) -> Outline | None:
        """The outline of the tune; None without one."""


GAIN: Final = 3.0
"""Logarithm of the odds for a difference of one star."""
BOUND: Final = 2.0
"""Largest logarithm of the odds of one candidate against the mean of all."""
PLANS: Final = 8
"""Number of plans of which one is drawn."""
IN_STYLE: Final = "in:"
"""First part of the name of the terms that say what the notes of a style are worth."""


def score(terms: Sequence[Term], features: Mapping[str, float]) -> float:
    """Return the stars that the terms expect beside the mean; unknown features add nothing."""
    known = (
        (features[name] - c, slope, curve) for name, slope, curve, c in terms if name in features
    )
    return sum(slope * x + curve * x * x for x, slope, curve in known)


def logits(scores: Sequence[float]) -> NDArray[np.float64]:
    """Return the logarithm of the odds of each score (stars) against the mean, within `BOUND`."""
    values = np.array(scores, float)
    return np.asarray(np.clip(GAIN * (values - values.mean()), -BOUND, BOUND))


def drawn(scores: Sequence[float], seed: Sequence[int]) -> int:
    """Return the index of one of the scores (stars), drawn by the bounded odds."""
    # The largest of these sums is a draw by the odds (Gumbel); a small change of a score changes
    # few draws.
    noise = np.random.default_rng(list(seed)).gumbel(size=len(scores))
    return int(np.argmax(logits(scores) + noise))


def plan_number(
    request: PhraseRequest, plan_of: Callable[[PhraseRequest, int], Planned], *, sets: bool
) -> int:
    """Return the number of the plan of the request's tune, from 0; 0 without a taste.

    `plan_of` returns a plan by its number, and `sets` says that tunes come in sets. The plans are
    those with which the tune was opened, so that the number stays the same to its end.
    """
    if not request.taste or request.favourite:
        return 0
    controls = dataclasses.replace(request.controls, style=request.opened_style)
    opening = dataclasses.replace(request, index=request.opened, controls=controls)
    number, tunes = request.tune, [request.tune]
    if sets:
        number, place = set_of(request.seed, request.tune)
        first = request.tune - place
        block = range(first, first + max(SIZES))
        tunes = [tune for tune in block if set_of(request.seed, tune)[0] == number]
    requests = [dataclasses.replace(opening, tune=tune) for tune in tunes]
    scores = [
        sum(_plan_score(request.taste, plan_of(each, plan)) for each in requests) / len(requests)
        for plan in range(PLANS)
    ]
    return drawn(scores, (request.seed, number, 9))


def _plan_score(terms: Sequence[Term], plan: Planned) -> float:
    """Return the score of a plan: of what is known of its tune before the first note."""
    meter = meter_of(plan.bar, plan.unit)
    if plan.outline is None:
        return score(terms, plan_features(plan.tempo, "", meter, plan.name) | _in_style(plan))
    outline = plan.outline
    # A key without a name: only its mode is a feature.
    known = plan_features(plan.tempo, f"C {outline.mode}", outline.meter or meter, plan.name)
    return score(terms, known | _of_outline(outline) | _in_style(plan))


def _in_style(plan: Planned) -> Features:
    return {f"{IN_STYLE}{plan.style}": 1.0}


def _of_outline(outline: Outline) -> Features:
    """Return the density and the register of an outline."""
    from stream.compose.melody.outline import LOWEST, REGISTER

    beats = outline.bars * outline.bar * outline.unit / TICKS_PER_BEAT
    counts = np.array(outline.counts)
    heights = LOWEST + REGISTER * (np.array(outline.registers) + 0.5)
    register = float((heights * counts).sum()) / max(int(counts.sum()), 1) + outline.key
    return {"density": float(counts.sum()) / max(beats, 1.0), "register": register}
