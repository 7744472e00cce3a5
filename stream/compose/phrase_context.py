"""The context of a phrase: where it begins, and what is preferred among its candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from stream.compose import call_and_response, form
from stream.compose.filter import selection
from stream.compose.filter.entropy import Ints, NoteSeries
from stream.compose.melody.leaning import Leaning
from stream.compose.melody.person import Person
from stream.compose.step import Floats, Point, StepState
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest

SHORTEST = 12
"""The fewest twelfths that are composed."""


@dataclass(frozen=True, slots=True)
class PhraseContext:
    """Everything that composing a phrase depends on."""

    request: PhraseRequest
    """The request, with its history in the register of the voice."""
    plan: TunePlan
    repeat: form.Repeat | None
    """The notes of the tune that the phrase repeats first, if any."""
    past: NoteSeries
    """The notes of the tune before the first new one. For a voice with several parts: the changes
    of chords, without the last chord, which may continue."""
    start: StepState
    """State after the repeat, with K = 1."""
    offset: int
    """Distance from a bar line to the first event of the phrase: in twelfths of a unit or, for a
    voice with several parts, in frames."""
    gap: int = 0
    """Ticks before that event, if the previous phrase was left between two grid positions."""
    shift: int = 0
    """Semitones by which the history was moved."""
    parent: int = -1
    """Index of the phrase whose stored end is continued; -1 if the history was played instead."""
    person: Person | None = None
    """The person who is answered, if earlier calls are known."""
    frames: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    """The tune before the first new frame [n, M], for a voice with several parts."""


def target(context: PhraseContext) -> int:
    """Return the twelfths to compose: up to a bar line."""
    bar = 12 * context.plan.bar
    twelfths = context.request.bars * bar - context.offset
    if context.repeat is not None:
        twelfths -= context.repeat.length * 12 // context.plan.unit
    if twelfths < SHORTEST and context.request.begun:
        # Too little is left for a phrase: add a bar.
        twelfths += bar
    return max(twelfths, SHORTEST)


def preference(
    context: PhraseContext,
) -> Callable[[Sequence[NoteSeries], Sequence[int]], int] | None:
    """Return the function that chooses among equally good candidates, or None for the first."""
    request = context.request
    if request.call:
        call = request.call_notes
        if not call:
            return None
        series = melody(call, context.plan.unit)
        return partial(call_and_response.nearest, series, person=context.person)
    return (
        partial(selection.by_density, request.controls.density)
        if request.controls.density
        else None
    )


def point(
    plan: TunePlan, request: PhraseRequest, candidates: int, context: Floats | None = None
) -> Point:
    """Return the same point for each of K candidates, with their `context` [K, C] if any."""
    return Point(
        np.repeat(plan.latent[None], candidates, 0),
        np.repeat(plan.tags[None], candidates, 0),
        request.controls.temperature,
        request.controls.top_p,
        context,
        None if plan.leaning is None else Leaning(plan.leaning, 12 * plan.bar),
    )


def melody(notes: Sequence[Note], unit: int) -> NoteSeries:
    """Return pitch [n] and length [n] in twelfths of a unit."""
    pitch = np.array([n.pitch for n in notes], np.int64)
    return pitch, np.array([n.duration * 12 // unit for n in notes], np.int64)
