"""The craft of melodies: event by event, one note at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose import call_and_response, form
from stream.compose.accents import accented
from stream.compose.filter import entropy, selection
from stream.compose.filter.entropy import FEATURES, Melody
from stream.compose.filter.novelty import Corpus, RunHistory, returning_rules
from stream.compose.filter.selection import Rules
from stream.compose.forcing import state_after
from stream.compose.melody import priming, sampler, vocabulary
from stream.compose.melody.priming import BarPosition, End
from stream.compose.melody.sampler import MelodyCandidates
from stream.compose.phrase_context import PhraseContext, melody, point, target
from stream.compose.step import Step
from stream.compose.step import StepState as State
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.util.validate import shown
from stream.voices.spec import StyleSpec


class MelodyStrategy:
    """A melody at work."""

    def __init__(self, step: Step, heard: NDArray[np.uint8] | None) -> None:
        self._step = step
        self._corpus = Corpus(step.corpus)
        self._heard = RunHistory(heard)

    @staticmethod
    def strange(style: StyleSpec) -> str:
        unknown = sorted(style.bounds.keys() - set(FEATURES))
        return f"bounds what is not measured: {shown(unknown)}" if unknown else ""

    def situation(self, request: PhraseRequest, where: TunePlan, end: End | None) -> PhraseContext:
        shift = call_and_response.shift(request) if end is None else end.shift
        request = call_and_response.in_register(request, shift)
        start, standing = self._start(request, where, end)
        strain = form.strain(where.form, request)
        tune = request.tune_notes
        if strain is not None:
            tune += strain.notes
            events = vocabulary.encode(strain.notes, where.unit, strain.length)
            tokens = np.array(events, np.int64).reshape(-1, len(vocabulary.SIZES))
            points = itertools.repeat(point(where, request, 1))
            start = state_after(self._step, start, tokens, points)
        return PhraseContext(
            request,
            where,
            strain,
            past=melody(tune, where.unit),
            start=start,
            offset=standing.offset,
            gap=standing.gap,
            shift=shift,
            parent=-1 if end is None else request.parent,
        )

    def _start(
        self, request: PhraseRequest, where: TunePlan, end: End | None
    ) -> tuple[State, BarPosition]:
        """The state that the phrase goes on from, and where in the metre that is."""
        if end is not None:
            state = end.state
            standing = BarPosition(priming.position(state) % (12 * where.bar))
        else:
            standing = priming.standing(request, where.bar, where.unit)
            events = priming.events(request, where.unit, standing)
            state = priming.primed(self._step, events, point(where, request, 1), standing)
        if request.opening and not request.call:
            return State(self._step.initial().token, state.states), BarPosition()
        return state, standing

    def sample(self, now: PhraseContext, rng: np.random.Generator) -> MelodyCandidates:
        k = now.request.controls.candidates
        where = point(now.place, now.request, k)
        return sampler.sample(self._step, now.start.tiled(k), where, target(now), rng)

    @staticmethod
    def melodies(now: PhraseContext, takes: MelodyCandidates) -> list[Melody]:  # noqa: ARG004
        return [takes.melody(k) for k in range(len(takes))]

    def rules(
        self, now: PhraseContext, takes: MelodyCandidates, melodies: Sequence[Melody]
    ) -> list[Rules]:
        sources = [
            selection.entropy_rules(melodies, now.past, now.place.bounds),
            selection.bar_line_rules(map(takes.overshoot, range(len(takes)))),
            selection.silence_rules(map(takes.silences, range(len(takes))), 12 * now.place.bar),
            returning_rules(now.past, melodies, now.place.returning),
            self._heard.rules(now.past, melodies),
            self._corpus.rules(now.past, melodies, now.place.longest_copy),
        ]
        if form.closes(now.place.form, now.request):
            sources.append(selection.closing_rules(melodies, now.place.last_note))
        return selection.together(*sources)

    def features(self, now: PhraseContext, takes: MelodyCandidates) -> list[dict[str, float]]:
        rows = entropy.features(self.melodies(now, takes), now.past).tolist()
        return [dict(zip(FEATURES, row, strict=True)) for row in rows]

    @staticmethod
    def notes(
        now: PhraseContext, takes: MelodyCandidates, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        bar, unit = now.place.bar, now.place.unit
        notes, ticks = vocabulary.decode(takes.events(k).tolist(), unit)
        offset = now.offset * unit // 12 + (at - now.gap)
        return accented(notes, bar, unit, offset), ticks

    def hear(self, now: PhraseContext, notes: Sequence[Note], length: int) -> None:  # noqa: ARG002
        request = now.request
        tune = melody((*request.tune_notes, *notes), now.place.unit)
        self._heard.hear((request.seed, request.tune), tune)
