"""The composing strategy of several parts: frame by frame, all parts at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stream.compose import form, memory
from stream.compose.accents import velocity
from stream.compose.filter.entropy import NoteSeries
from stream.compose.filter.novelty import Corpus, RunHistory, returning_rules
from stream.compose.filter.selection import Rules, combined, silence_rules
from stream.compose.melody.priming import PhraseEnd
from stream.compose.phrase_context import PhraseContext, melody
from stream.compose.polyphony import priming, rules, sampler
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.kinds import frame_kind
from stream.compose.polyphony.sampler import FrameCandidates, Start
from stream.compose.step import Step
from stream.compose.step import StepState as State
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.util.validate import shown
from stream.voices.spec import StyleSpec

TWELFTHS = 12
"""Twelfths in a unit."""


class FrameStrategy:
    """The strategy of a voice with several parts."""

    def __init__(self, step: Step, run_table: NDArray[np.uint8] | None) -> None:
        self._step = step
        self._kind = frame_kind(step.spec)
        self._corpus = Corpus(step.corpus)
        self._history = RunHistory(run_table)

    def style_fault(self, style: StyleSpec) -> str:
        unknown = sorted(style.bounds.keys() - set(self._kind.feature_names))
        if unknown:
            return f"has bounds on unknown features: {shown(unknown)}"
        meters = sorted(m for m in style.meters if _remainder(m, self._kind))
        return (
            f"has meters {shown(meters)} that frames of {self._kind.ticks} ticks do not fit"
            if meters
            else ""
        )

    def context(
        self, request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None
    ) -> PhraseContext:
        kind, bar = self._kind.for_unit(plan.unit), self._bar(plan)
        past = priming.primed_tune(kind, request, bar)
        start = self._start(request, plan, end, past)
        offset = priming.position(start) % bar
        repeat = form.repeat(self._form(plan), request, partial(_half, kind.ticks))
        frames = past.frames
        if repeat is not None:
            repeated = kind.encode(repeat.notes, repeat.length // kind.ticks)
            after = _remaining(request, bar, offset + len(repeated))
            schedule = sampler.schedule(self._step.spec, plan, request, 1)
            start = sampler.forced(
                self._step, start, repeated, schedule, 0 if repeat.whole else after
            )
            frames = np.concatenate([frames, repeated])
        return PhraseContext(
            request,
            plan,
            repeat,
            past=_without_last(kind.changes(frames)),
            start=start,
            offset=offset,
            gap=past.gap if repeat is None else 0,
            parent=-1 if end is None else request.parent,
            frames=frames,
        )

    def _bar(self, plan: TunePlan) -> int:
        """Return the frames in a bar."""
        return plan.bar * plan.unit // self._kind.for_unit(plan.unit).ticks

    def _start(
        self,
        request: PhraseRequest,
        plan: TunePlan,
        end: PhraseEnd | None,
        past: priming.PrimedTune,
    ) -> State:
        """Return the state that the phrase continues from."""
        schedule = sampler.schedule(self._step.spec, plan, request, 1)
        if request.call:
            frames = priming.call_frames(self._kind.for_unit(plan.unit), request)
            return priming.primed(self._step, frames, schedule, 0)
        if request.opening:
            return self._step.initial()
        if end is not None:
            return end.state
        return priming.primed(self._step, past.frames, schedule, len(past.frames))

    def _form(self, plan: TunePlan) -> str:
        """Return the form of the tune, with a last phrase that is never repeated whole.

        A voice that has learned to close a tune composes at least half of the last phrase.
        """
        if sampler.CLOSING_TAG not in self._step.spec.tags:
            return plan.form
        return plan.form[:-1] + plan.form[-1:].upper()

    def sample(self, context: PhraseContext, rng: np.random.Generator) -> FrameCandidates:
        k = context.request.controls.candidates
        ticks = self._kind.for_unit(context.plan.unit).ticks
        repeated = 0 if context.repeat is None else context.repeat.length // ticks
        count = _remaining(context.request, self._bar(context.plan), context.offset + repeated)
        schedule = sampler.schedule(self._step.spec, context.plan, context.request, k)
        start = Start.of(context.start, self._kind.sustained(context.frames), k)
        force = self._returning(context, count)
        return sampler.sample(self._step, self._kind, start, schedule, force, rng)

    def _returning(self, context: PhraseContext, count: int) -> Ints:
        """Return the frames [count, M] that return from bars before, -1 for those to be sampled.

        Frames hold pitches and rhythm at once, so that a bar returns as a whole.
        """
        request, bar, frames = context.request, self._bar(context.plan), context.frames
        force = np.full((count, frames.shape[1]), -1, np.int64)
        if not memory.remembers(request):
            return force
        at = len(frames) + np.arange(count)
        bars = int(at[-1]) // bar + 1
        closing = bars - 1 if form.closes(context.plan.form, request) else -1
        source = at - memory.LOOP * bar
        found = memory.recall(request, bars, closing).whole[at // bar] & (source < len(frames))
        force[found] = frames[source[found]]
        return force

    def melodies(self, context: PhraseContext, candidates: FrameCandidates) -> list[NoteSeries]:
        bar, unit = self._bar(context.plan), context.plan.unit
        kind = self._kind.for_unit(unit)
        return [melody(kind.compared_notes(run, bar), unit) for run in candidates.runs]

    def rules(
        self,
        context: PhraseContext,
        candidates: FrameCandidates,
        melodies: Sequence[NoteSeries],  # noqa: ARG002
    ) -> list[Rules]:
        runs = candidates.runs
        changes = [self._kind.changes(np.concatenate([context.frames, run])) for run in runs]
        # The last chord of the past may continue in a candidate, as its first.
        shared_notes = len(context.past[0])
        new = [(chord[shared_notes:], length[shared_notes:]) for chord, length in changes]
        measured = self.features(context, candidates)
        silences = [(~self._kind.sounds(run)).tolist() for run in runs]
        sources = [
            rules.feature_rules(self._kind, measured, context.plan.bounds),
            silence_rules(silences, self._bar(context.plan)),
            returning_rules(context.past, new, context.plan.returning, shared_notes=1),
            self._history.rules(context.past, new, shared_notes=1),
            self._corpus.rules(context.past, new, context.plan.longest_copy),
        ]
        if form.closes(context.plan.form, context.request):
            sources.append(rules.closing_rules(self._kind, runs, context.plan.last_note))
        return combined(*sources)

    def features(
        self, context: PhraseContext, candidates: FrameCandidates
    ) -> list[dict[str, float]]:
        bar = self._bar(context.plan)
        return rules.measure(self._kind, context.frames, candidates.runs, bar)

    def notes(
        self, context: PhraseContext, candidates: FrameCandidates, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        frames, kind = candidates.runs[k], self._kind.for_unit(context.plan.unit)
        first = context.offset * kind.ticks + at - context.gap
        notes = tuple(
            dataclasses.replace(n, velocity=self._velocity(n, first, context.plan))
            for n in kind.decode(frames, self._bar(context.plan))
        )
        return notes, len(frames) * kind.ticks

    def _velocity(self, note: Note, first: int, plan: TunePlan) -> int:
        """Return the velocity by beat and channel; `first` is the phrase's tick in the bar."""
        accent = velocity(TWELFTHS * (first + note.onset) // plan.unit, plan.bar)
        return accent + self._kind.velocity_offsets.get(note.channel, 0)

    def update_history(self, context: PhraseContext, notes: Sequence[Note], length: int) -> None:
        request, kind = context.request, self._kind.for_unit(context.plan.unit)
        repeated = 0 if context.repeat is None else context.repeat.length // kind.ticks
        before = context.frames[: len(context.frames) - repeated]
        phrase = [note.moved(-context.gap) for note in notes]
        new = kind.encode(phrase, (length - context.gap) // kind.ticks)
        changes = kind.changes(np.concatenate([before, new]))
        self._history.update((request.seed, request.tune), changes)


def _remainder(meter: str, kind: FrameKind) -> int:
    """Return the ticks of a bar, or of a unit, that do not fill a frame; 0 if all do."""
    bar, unit = map(int, meter.split("x"))
    ticks = kind.for_unit(unit).ticks
    return bar * unit % ticks or unit % ticks


def _half(ticks: int, notes: tuple[Note, ...], length: int) -> form.Repeat | None:
    """Return what sounds in the first half of a phrase, by whole frames."""
    middle = length // 2 // ticks * ticks
    first_half = tuple(n.until(min(n.end, middle)) for n in notes if n.onset < middle)
    return form.Repeat(first_half, middle, whole=False) if first_half else None


def _remaining(request: PhraseRequest, bar: int, passed: int) -> int:
    """Return the frames, at least one, to the final bar line once `passed` frames are over."""
    remaining = request.bars * bar - passed
    return remaining if remaining > 0 else remaining % bar or bar


def _without_last(melody: NoteSeries) -> NoteSeries:
    return melody[0][:-1], melody[1][:-1]
