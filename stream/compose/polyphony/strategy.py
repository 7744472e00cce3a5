"""The craft of several parts: frame by frame, all parts of it at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from stream.compose import form
from stream.compose.accents import velocity
from stream.compose.filter.entropy import Melody
from stream.compose.filter.novelty import Corpus, RunHistory, returning_rules
from stream.compose.filter.selection import Rules, silence_rules, together
from stream.compose.melody.priming import End
from stream.compose.phrase_context import PhraseContext, melody
from stream.compose.polyphony import priming, rules, sampler
from stream.compose.polyphony.kind import Kind
from stream.compose.polyphony.kinds import kind_of
from stream.compose.polyphony.sampler import FrameCandidates, Start
from stream.compose.step import Step
from stream.compose.step import StepState as State
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.util.validate import shown
from stream.voices.spec import StyleSpec

TWELFTHS = 12
"""In a unit."""


class FrameStrategy:
    """A voice of several parts at work."""

    def __init__(self, step: Step, heard: NDArray[np.uint8] | None) -> None:
        self._step = step
        self._kind = kind_of(step.spec)
        self._corpus = Corpus(step.corpus)
        self._heard = RunHistory(heard)

    def strange(self, style: StyleSpec) -> str:
        unknown = sorted(style.bounds.keys() - set(self._kind.measures))
        if unknown:
            return f"bounds what is not measured: {shown(unknown)}"
        metres = sorted(m for m in style.metres if _remainder(m, self._kind))
        return f"has {shown(metres)}: a frame has {self._kind.ticks} ticks here" if metres else ""

    def situation(self, request: PhraseRequest, where: TunePlan, end: End | None) -> PhraseContext:
        kind, bar = self._kind.at(where.unit), self._bar(where)
        past = priming.tune(kind, request, bar)
        start = self._start(request, where, end, past)
        at = priming.position(start) % bar
        strain = form.strain(self._form(where), request, partial(_half, kind.ticks))
        heard = past.frames
        if strain is not None:
            again = kind.encode(strain.notes, strain.length // kind.ticks)
            after = _left(request, bar, at + len(again))
            along = sampler.way(self._step.spec, where, request, 1)
            start = sampler.forced(self._step, start, again, along, 0 if strain.whole else after)
            heard = np.concatenate([heard, again])
        return PhraseContext(
            request,
            where,
            strain,
            past=_but_last(kind.changes(heard)),
            start=start,
            offset=at,
            gap=past.gap if strain is None else 0,
            parent=-1 if end is None else request.parent,
            frames=heard,
        )

    def _bar(self, where: TunePlan) -> int:
        """Frames in a bar."""
        return where.bar * where.unit // self._kind.at(where.unit).ticks

    def _start(
        self, request: PhraseRequest, where: TunePlan, end: End | None, past: priming.PrimedTune
    ) -> State:
        """The state that the phrase goes on from."""
        along = sampler.way(self._step.spec, where, request, 1)
        if request.call:
            heard = priming.call(self._kind.at(where.unit), request)
            return priming.primed(self._step, heard, along, 0)
        if request.opening:
            return self._step.initial()
        if end is not None:
            return end.state
        return priming.primed(self._step, past.frames, along, len(past.frames))

    def _form(self, where: TunePlan) -> str:
        """The form of the tune, in which nothing comes back whole as its end.

        A voice that knows how to close gets to do it: there is half a phrase at least for that.
        """
        if sampler.CLOSING_TAG not in self._step.spec.tags:
            return where.form
        return where.form[:-1] + where.form[-1:].upper()

    def sample(self, now: PhraseContext, rng: np.random.Generator) -> FrameCandidates:
        k = now.request.controls.candidates
        ticks = self._kind.at(now.place.unit).ticks
        again = 0 if now.strain is None else now.strain.length // ticks
        count = _left(now.request, self._bar(now.place), now.offset + again)
        along = sampler.way(self._step.spec, now.place, now.request, k)
        start = Start.of(now.start, self._kind.sounding(now.frames), k)
        return sampler.sample(self._step, self._kind, start, along, count, rng)

    def melodies(self, now: PhraseContext, takes: FrameCandidates) -> list[Melody]:
        bar, unit = self._bar(now.place), now.place.unit
        kind = self._kind.at(unit)
        return [melody(kind.line(takes.take(k), bar), unit) for k in range(len(takes))]

    def rules(
        self,
        now: PhraseContext,
        takes: FrameCandidates,
        melodies: Sequence[Melody],  # noqa: ARG002
    ) -> list[Rules]:
        runs = [takes.take(k) for k in range(len(takes))]
        whole = [self._kind.changes(np.concatenate([now.frames, run])) for run in runs]
        # The last chord of the past may go on in a candidate: it is the first of that.
        known = len(now.past[0])
        new = [(chord[known:], length[known:]) for chord, length in whole]
        silences = [(~self._kind.heard(run)).tolist() for run in runs]
        sources = [
            rules.feature_rules(self._kind, self.features(now, takes), now.place.bounds),
            silence_rules(silences, self._bar(now.place)),
            returning_rules(now.past, new, now.place.returning, known=1),
            self._heard.rules(now.past, new, known=1),
            self._corpus.rules(now.past, new, now.place.longest_copy),
        ]
        if form.closes(now.place.form, now.request):
            sources.append(rules.closing_rules(self._kind, runs, now.place.last_note))
        return together(*sources)

    def features(self, now: PhraseContext, takes: FrameCandidates) -> list[dict[str, float]]:
        runs = [takes.take(k) for k in range(len(takes))]
        return rules.measured(self._kind, now.frames, runs, self._bar(now.place))

    def notes(
        self, now: PhraseContext, takes: FrameCandidates, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        take, kind = takes.take(k), self._kind.at(now.place.unit)
        first = now.offset * kind.ticks + at - now.gap
        notes = tuple(
            dataclasses.replace(n, velocity=self._loud(n, first, now.place))
            for n in kind.decode(take, self._bar(now.place))
        )
        return notes, len(take) * kind.ticks

    def _loud(self, note: Note, first: int, where: TunePlan) -> int:
        """By the place in the bar; the phrase begins `first` ticks after a bar line."""
        accent = velocity(TWELFTHS * (first + note.onset) // where.unit, where.bar)
        return accent + self._kind.louder.get(note.channel, 0)

    def hear(self, now: PhraseContext, notes: Sequence[Note], length: int) -> None:
        request, kind = now.request, self._kind.at(now.place.unit)
        again = 0 if now.strain is None else now.strain.length // kind.ticks
        before = now.frames[: len(now.frames) - again]
        phrase = [note.moved(-now.gap) for note in notes]
        new = kind.encode(phrase, (length - now.gap) // kind.ticks)
        heard = kind.changes(np.concatenate([before, new]))
        self._heard.hear((request.seed, request.tune), heard)


def _remainder(metre: str, kind: Kind) -> int:
    """Ticks of a bar that are no whole frame, and of a frame that are no part of a unit."""
    bar, unit = map(int, metre.split("x"))
    ticks = kind.at(unit).ticks
    return bar * unit % ticks or unit % ticks


def _half(ticks: int, notes: tuple[Note, ...], length: int) -> form.Repeat | None:
    """What sounds in the first half of a phrase, by whole frames."""
    middle = length // 2 // ticks * ticks
    kept = tuple(n.until(min(n.end, middle)) for n in notes if n.onset < middle)
    return form.Repeat(kept, middle, whole=False) if kept else None


def _left(request: PhraseRequest, bar: int, passed: int) -> int:
    """Frames up to the bar line with which the phrase ends, `passed` frames after one; some."""
    left = request.bars * bar - passed
    return left if left > 0 else left % bar or bar


def _but_last(melody: Melody) -> Melody:
    return melody[0][:-1], melody[1][:-1]
