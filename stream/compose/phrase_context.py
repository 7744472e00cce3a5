"""Where a phrase begins, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from stream.compose import call_and_response, form
from stream.compose.filter import selection
from stream.compose.filter.entropy import Ints, Melody
from stream.compose.step import Point, StepState
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest

SHORTEST = 12
"""Twelfths that are composed at least."""


@dataclass(frozen=True, slots=True)
class PhraseContext:
    """Where a phrase begins: all that composing it depends on."""

    request: PhraseRequest
    """Its history in the register of the voice."""
    place: TunePlan
    strain: form.Repeat | None
    """What of the tune is heard again first."""
    past: Melody
    """The notes of the tune before the first new one; of a voice with several parts the changes of
    chords, but for the last, which may go on."""
    start: StepState
    """After the strain, with K = 1."""
    offset: int
    """From a bar line to the first event of the phrase: twelfths; of a voice with several parts
    frames."""
    gap: int = 0
    """Ticks before that event: the phrase was left between two places of the metre."""
    shift: int = 0
    """Semitones by which the history was moved."""
    parent: int = -1
    """The phrase whose end was remembered; -1: the history had to do."""
    frames: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    """[n, M] of a voice with several parts: the tune before the first new frame."""


def target(now: PhraseContext) -> int:
    """Twelfths that are to be composed: up to a bar line."""
    bar = 12 * now.place.bar
    ticks = now.request.bars * bar - now.offset
    if now.strain is not None:
        ticks -= now.strain.length * 12 // now.place.unit
    if ticks < SHORTEST and now.request.begun:
        # So close to the end that nothing is left to say: one bar more.
        ticks += bar
    return max(ticks, SHORTEST)


def preference(now: PhraseContext) -> Callable[[Sequence[Melody], Sequence[int]], int] | None:
    """Which of the candidates that are equally good is wished for, if any is."""
    request = now.request
    if request.call:
        call = request.call_notes
        return partial(call_and_response.nearest, melody(call, now.place.unit)) if call else None
    return partial(selection.dense, request.controls.density) if request.controls.density else None


def point(where: TunePlan, request: PhraseRequest, candidates: int) -> Point:
    """The same place for each of K candidates."""
    return Point(
        np.repeat(where.latent[None], candidates, 0),
        np.repeat(where.tags[None], candidates, 0),
        request.controls.temperature,
        request.controls.top_p,
    )


def melody(notes: Sequence[Note], unit: int) -> Melody:
    """Pitch [n] and length [n] in twelfths of a unit."""
    pitch = np.array([n.pitch for n in notes], np.int64)
    return pitch, np.array([n.duration * 12 // unit for n in notes], np.int64)
