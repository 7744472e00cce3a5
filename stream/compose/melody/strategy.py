"""The composing strategy of melodies: event by event, one note at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose import call_and_response, form, memory
from stream.compose.accents import accented
from stream.compose.filter import entropy, selection
from stream.compose.filter.entropy import FEATURES, NoteSeries
from stream.compose.filter.novelty import Corpus, RunHistory, returning_rules
from stream.compose.filter.selection import Rules
from stream.compose.forcing import state_after
from stream.compose.melody import bar_memory, bar_sampler, priming, sampler, vocabulary
from stream.compose.melody.guide import Guide, by_onset
from stream.compose.melody.priming import BarPosition, PhraseEnd
from stream.compose.melody.sampler import MelodyCandidates
from stream.compose.phrase_context import PhraseContext, melody, point, target
from stream.compose.step import Point, Step
from stream.compose.step import StepState as State
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.util.validate import shown
from stream.voices.spec import StyleSpec


class MelodyStrategy:
    """The strategy of a voice of kind `melody`."""

    def __init__(self, step: Step, run_table: NDArray[np.uint8] | None) -> None:
        self.step = step
        self._corpus = Corpus(step.corpus)
        self._history = RunHistory(run_table)

    @staticmethod
    def style_fault(style: StyleSpec) -> str:
        unknown = sorted(style.bounds.keys() - set(FEATURES))
        return f"has bounds on unknown features: {shown(unknown)}" if unknown else ""

    def context(
        self, request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None
    ) -> PhraseContext:
        shift = self._shift(request, plan, end)
        plan = self._sounding(plan, shift)
        request = call_and_response.in_register(request, shift)
        start, position = self._start(request, plan, end)
        repeat = form.repeat(plan.form, request)
        tune = request.tune_notes + (repeat.notes if repeat else ())
        return PhraseContext(
            request,
            plan,
            repeat,
            past=melody(tune, plan.unit),
            start=self._after(repeat, start, plan, request) if repeat else start,
            offset=position.offset,
            gap=position.gap,
            shift=shift,
            parent=-1 if end is None else request.parent,
            person=priming.person(request, plan.unit),
        )

    @staticmethod
    def _shift(request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None) -> int:  # noqa: ARG004
        """Return the semitones from the register in which the tune sounds to the voice's."""
        return call_and_response.shift(request) if end is None else end.shift

    @staticmethod
    def _sounding(plan: TunePlan, shift: int) -> TunePlan:  # noqa: ARG004
        """Return the plan of a tune that sounds so far from the voice's register."""
        return plan

    def _after(
        self, repeat: form.Repeat, start: State, plan: TunePlan, request: PhraseRequest
    ) -> State:
        """Return the state after what the phrase repeats."""
        events = vocabulary.encode(repeat.notes, plan.unit, repeat.length)
        tokens = np.array(events, np.int64).reshape(-1, len(vocabulary.SIZES))
        return state_after(self.step, start, tokens, itertools.repeat(point(plan, request, 1)))

    def _start(
        self, request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None
    ) -> tuple[State, BarPosition]:
        """Return the state that the phrase continues from, and its position in the bar."""
        if end is not None:
            state = end.state
            position = BarPosition(priming.position(state) % (12 * plan.bar))
        else:
            position = priming.bar_position(request, plan.bar, plan.unit)
            events = priming.events(request, plan.unit, position)
            state = priming.primed(self.step, events, point(plan, request, 1), position)
        if request.opening and not request.call:
            return State(self.step.initial().token, state.states), BarPosition()
        return state, position

    def sample(self, context: PhraseContext, rng: np.random.Generator) -> MelodyCandidates:
        k = context.request.controls.candidates
        start, where = context.start.tiled(k), point(context.plan, context.request, k)
        if memory.remembers(context.request):
            guide = _guide(context, where)
            return bar_sampler.sample_freely(self.step, start, guide, target(context), rng)
        return sampler.sample(self.step, start, where, target(context), rng)

    @staticmethod
    def melodies(context: PhraseContext, candidates: MelodyCandidates) -> list[NoteSeries]:  # noqa: ARG004
        return [candidates.melody(k) for k in range(len(candidates))]

    def rules(
        self, context: PhraseContext, candidates: MelodyCandidates, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        sources = [
            selection.entropy_rules(melodies, context.past, context.plan.bounds),
            selection.bar_line_rules(map(candidates.overshoot, range(len(candidates)))),
            selection.silence_rules(
                map(candidates.silences, range(len(candidates))), 12 * context.plan.bar
            ),
            self.form_rules(context, candidates, melodies),
            self._history.rules(context.past, melodies),
            self._corpus.rules(context.past, melodies, context.plan.longest_copy),
        ]
        if form.closes(context.plan.form, context.request):
            sources.append(selection.closing_rules(melodies, context.plan.last_note))
        return selection.combined(*sources)

    def form_rules(
        self, context: PhraseContext, candidates: MelodyCandidates, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        """Return, for each candidate, the rule on what returns in it."""
        del candidates
        return returning_rules(context.past, melodies, context.plan.returning)

    def features(
        self, context: PhraseContext, candidates: MelodyCandidates
    ) -> list[dict[str, float]]:
        rows = entropy.features(self.melodies(context, candidates), context.past).tolist()
        return [dict(zip(FEATURES, row, strict=True)) for row in rows]

    @staticmethod
    def notes(
        context: PhraseContext, candidates: MelodyCandidates, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        bar, unit = context.plan.bar, context.plan.unit
        notes, ticks = vocabulary.decode(candidates.events(k).tolist(), unit)
        offset = context.offset * unit // 12 + (at - context.gap)
        # A voice with outlines knows 3/4 from 6/8.
        each = context.plan.beat // unit if context.plan.outline else 0
        return accented(notes, bar, unit, offset, each), ticks

    def update_history(self, context: PhraseContext, notes: Sequence[Note], length: int) -> None:  # noqa: ARG002
        request = context.request
        tune = melody((*request.tune_notes, *notes), context.plan.unit)
        self._history.update((request.seed, request.tune), tune)


def _guide(context: PhraseContext, where: Point) -> Guide:
    """Return the guide of a melody without an outline, by what the tune has played."""
    request, plan, repeat = context.request, context.plan, context.repeat
    ticks = request.tune_ticks
    notes = [note.moved(ticks) for note in request.tune_notes]
    if repeat is not None:
        notes += [note.moved(ticks) for note in repeat.notes]
    ticks += context.gap if repeat is None else repeat.length
    bar, played = 12 * plan.bar, ticks * 12 // plan.unit
    offset = context.offset + (repeat.length * 12 // plan.unit if repeat else 0)
    begin = played + (offset - played) % bar
    events = by_onset(vocabulary.encode(notes, plan.unit, ticks) if notes else (), sampler.LENGTHS)
    past = {onset + begin - played: token for onset, token in events.items()}
    bars = -(-(begin + target(context)) // bar)
    closing = bars - 1 if form.closes(plan.form, request) else -1
    found = memory.recall(request, bars, closing)
    return Guide(bar_memory.of_bars(bar, found), where, begin, past)
