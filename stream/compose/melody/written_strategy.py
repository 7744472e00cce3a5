"""The composing strategy of melodies with outlines: each tune is composed as it is written.

A strain that comes again is played again, and the voice does not hear it a second time: it goes on
from where the written tune has got to. So the state depends on the tune alone, and the history of
the request gives it back, up to the rounding of a quantized graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_lowercase

import numpy as np

from stream.compose import call_and_response, form
from stream.compose.companions.harmonic.tonic import key_of_notes
from stream.compose.filter.entropy import NoteSeries
from stream.compose.filter.selection import Rules
from stream.compose.forcing import state_after
from stream.compose.melody import (
    bar_memory,
    bar_sampler,
    leaning,
    outline_rules,
    priming,
    vocabulary,
    written,
)
from stream.compose.melody.bar_memory import BarMemory
from stream.compose.melody.bar_penalty import BarPenalty
from stream.compose.melody.formulas import Formulas
from stream.compose.melody.guide import OutlineGuide, by_onset
from stream.compose.melody.outline import PHRASE_BARS, Outline, parsed
from stream.compose.melody.outline_context import WIDTH, OutlineContext
from stream.compose.melody.priming import BarPosition, PhraseEnd
from stream.compose.melody.sampler import LENGTHS, MelodyCandidates
from stream.compose.melody.strategy import MelodyStrategy
from stream.compose.phrase_context import PhraseContext, point, target
from stream.compose.step import Point, StepState
from stream.compose.tune_plan import TunePlan, in_key, outline_of, unpacked
from stream.music.note import PhraseRequest
from stream.own_styles.own_style import OwnStyle
from stream.voices.spec import StyleSpec


class WrittenStrategy(MelodyStrategy):
    """The strategy of a voice of kind `melody` whose styles have outlines."""

    @staticmethod
    def style_fault(style: StyleSpec) -> str:
        """Return what is wrong with a style; empty if nothing is."""
        try:
            outlines = [parsed(line) for line in style.outlines]
        except ValueError as error:
            return f"has a damaged outline: {error}"
        if not outlines:
            return "has no outlines"
        if style.points and len(unpacked(style.points, len(style.mean))) != len(outlines):
            return "has not one latent point for each outline"
        if not (_has_formulas(style.formulas) and _has_leaning(style)):
            return "has damaged formulas, or a damaged leaning"
        if not all(map(_playable, outlines)):
            return "has an outline that cannot be played in phrases"
        return MelodyStrategy.style_fault(style)

    @staticmethod
    def _shift(request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None) -> int:
        """Return the semitones from the register in which the tune sounds to the voice's, in C."""
        if request.call:
            called = request.call_notes
            if not called:
                return -plan.key
            tonic = key_of_notes(called, closing=True).tonic
            moved = call_and_response.in_register(request, -tonic)
            return call_and_response.shift(moved) - tonic
        return end.shift if end is not None and not request.opening else -plan.key

    @staticmethod
    def _sounding(plan: TunePlan, shift: int) -> TunePlan:
        return in_key(plan, -shift)

    def _after(
        self, repeat: form.Repeat, start: StepState, plan: TunePlan, request: PhraseRequest
    ) -> StepState:
        """Return the state as it is: the voice does not hear what is repeated."""
        del repeat, plan, request
        return start

    def _start(
        self, request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None
    ) -> tuple[StepState, BarPosition]:
        """Return the state that the phrase continues from, and its position in the bar."""
        if request.call:
            at = priming.next_position(request.tune_ticks, plan.bar, plan.unit, request.begun)
            events = priming.events(request, plan.unit, at)
            still = self._point(request, plan, np.zeros((1, WIDTH), np.float32))
            return priming.primed(self.step, events, still, at), at
        if request.opening:
            return self.step.initial(), BarPosition()
        outline = outline_of(plan)
        if end is not None:
            reached = priming.position(end.state)
            if written.continues(outline, request, reached):
                return end.state, BarPosition(reached % (12 * plan.bar))
        tokens = np.array(written.tokens(outline, request), np.int64).reshape(-1, 3)
        points = self._points(request, plan, tokens)
        state = state_after(self.step, self.step.initial(), tokens, points)
        at = written.position(outline, request)
        return priming.placed(state, at.head + at.offset), at

    def _points(
        self, request: PhraseRequest, plan: TunePlan, tokens: np.ndarray
    ) -> Iterator[Point]:
        """Yield the point of each event of a written tune."""
        lengths = LENGTHS[tokens[:, 2]]
        sounding = tokens[:, 0] != vocabulary.REST
        outline, _ = bar_memory.with_memory(outline_of(plan), tokens.tolist(), request)
        contexts = OutlineContext(outline).of(np.cumsum(lengths) - lengths, sounding)
        for row in contexts:
            yield self._point(request, plan, row[None])

    @staticmethod
    def _point(request: PhraseRequest, plan: TunePlan, context: np.ndarray) -> Point:
        return point(plan, request, 1, context)

    def sample(self, context: PhraseContext, rng: np.random.Generator) -> MelodyCandidates:
        outline, memory, tokens = _written_tune(context)
        k = context.request.controls.candidates
        past = by_onset(tokens, LENGTHS)
        where = point(context.plan, context.request, k)
        begin = priming.position(context.start)
        guide = OutlineGuide(outline, where, begin, past, memory, context.person)
        formulas = context.plan.formulas
        stock = Formulas(formulas) if formulas else None
        penalty = BarPenalty(outline, past, stock, self._corpus)
        start = context.start.tiled(k)
        return bar_sampler.sample(self.step, start, guide, penalty, target(context), rng)

    def form_rules(
        self, context: PhraseContext, candidates: MelodyCandidates, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        del melodies
        outline, memory, past = _written_tune(context)
        composed = [candidates.events(k) for k in range(len(candidates))]
        return outline_rules.rules(outline, past, composed, memory.loose)


def _has_formulas(text: str) -> bool:
    """Return True for a text of formulas, which may be empty."""
    try:
        Formulas(text)
    except ValueError:
        return False
    return True


def _has_leaning(style: StyleSpec) -> bool:
    """Return True if an own style leans to nothing, or in a form that can be read."""
    try:
        leaning.unpacked(style.leaning if isinstance(style, OwnStyle) else "")
    except ValueError:
        return False
    return True


def _playable(outline: Outline) -> bool:
    """Return True if the unit is whole ticks and each strain whole phrases, few enough for a form.

    A form names each of the phrases by a letter.
    """
    phrases = outline.phrases()
    whole = not any(length % PHRASE_BARS for length in outline.lengths)
    return whole and not outline.unit % 12 and len(set(phrases)) <= len(ascii_lowercase)


def _written_tune(context: PhraseContext) -> tuple[Outline, BarMemory, list[vocabulary.Token]]:
    """Return outline and memory of the tune, and the events of the tune so far."""
    outline = outline_of(context.plan)
    tokens = written.tokens(outline, context.request)
    return *bar_memory.with_memory(outline, tokens, context.request), tokens
