"""The taste of a listener among equally good candidates for a phrase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from stream.compose.plan.taste_draw import drawn, score
from stream.music.tune_facts import meter_of
from stream.taste.features import Features, beat_of, of_notes

if TYPE_CHECKING:
    from stream.compose.phrase_context import PhraseContext


def among_candidates(
    strategy: Any, context: PhraseContext, evaluations: Sequence[Any]
) -> Callable[[Sequence[int]], int] | None:
    """Return the function that draws one of equally good candidates; None without a taste.

    `evaluations` are those of the composer, of K candidates each.
    """
    request = context.request
    if not request.taste:
        return None
    size = request.controls.candidates
    beat = beat_of(meter_of(context.plan.bar, context.plan.unit))

    def features(k: int) -> Features:
        candidates = evaluations[k // size].candidates
        notes, length = strategy.notes(context, candidates, k % size, 0)
        return of_notes(notes, length, beat)

    def choose(among: Sequence[int]) -> int:
        scores = [score(request.taste, features(k)) for k in among]
        return among[drawn(scores, (request.seed, request.index, 8))]

    return choose
