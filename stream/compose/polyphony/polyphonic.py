"""The craft of several parts: frame by frame, all parts of it at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.checked import shown
from stream.compose import form
from stream.compose.accents import velocity
from stream.compose.entropy import Melody
from stream.compose.filters import Rules, together
from stream.compose.latent import Place
from stream.compose.novelty import Corpus, Memory, returning_rules
from stream.compose.polyphony import frames, priming, rules, sampler
from stream.compose.polyphony.chords import changes, chords
from stream.compose.polyphony.features import FEATURES
from stream.compose.polyphony.frames import CHORALE, TICKS, Ints
from stream.compose.polyphony.sampler import Candidates
from stream.compose.priming import End
from stream.compose.situation import Situation
from stream.compose.step import Memory as State
from stream.compose.step import Step
from stream.note import Note, PhraseRequest
from stream.voice import StyleSpec

TWELFTHS = 12
"""In a frame, which is the unit of these voices."""
LEAD = 6
"""What a chorale's soprano is louder by."""


class Polyphonic:
    """A chorale or a piano at work."""

    def __init__(self, step: Step, heard: NDArray[np.uint8] | None) -> None:
        self._step = step
        self._kind = step.spec.kind
        self._ticks = TICKS[self._kind]
        self._corpus = Corpus(step.corpus)
        self._heard = Memory(heard)

    def strange(self, style: StyleSpec) -> str:
        unknown = sorted(style.bounds.keys() - set(FEATURES[self._kind]))
        if unknown:
            return f"bounds what is not measured: {shown(unknown)}"
        metres = sorted(m for m in style.metres if m.partition("x")[2] != str(self._ticks))
        return f"has {shown(metres)}: a unit has {self._ticks} ticks here" if metres else ""

    def situation(self, request: PhraseRequest, where: Place, end: End | None) -> Situation:
        past = priming.tune(self._kind, request, where.bar)
        start = self._start(request, where, end, past)
        at = priming.position(start) % where.bar
        strain = form.strain(self._form(where), request, self._half)
        heard = past.frames
        if strain is not None:
            again = frames.encode(self._kind, strain.notes, strain.length // self._ticks)
            after = _left(request, where.bar, at + len(again))
            along = sampler.way(self._step.spec, where, request, 1)
            start = sampler.forced(self._step, start, again, along, 0 if strain.whole else after)
            heard = np.concatenate([heard, again])
        return Situation(
            request,
            where,
            strain,
            past=_but_last(self._changes(heard)),
            start=start,
            offset=TWELFTHS * at,
            gap=past.gap if strain is None else 0,
            parent=-1 if end is None else request.parent,
            frames=heard,
        )

    def _start(
        self, request: PhraseRequest, where: Place, end: End | None, past: priming.Tune
    ) -> State:
        """The state that the phrase goes on from."""
        along = sampler.way(self._step.spec, where, request, 1)
        if request.call:
            return priming.primed(self._step, priming.call(self._kind, request), along, 0)
        if request.opening:
            return self._step.initial()
        if end is not None:
            return end.state
        return priming.primed(self._step, past.frames, along, len(past.frames))

    def _form(self, where: Place) -> str:
        """The form of the tune, in which nothing comes back whole as its end.

        A voice that knows how to close gets to do it: there is half a phrase at least for that.
        """
        if sampler.CLOSING_TAG not in self._step.spec.tags:
            return where.form
        return where.form[:-1] + where.form[-1:].upper()

    def _half(self, notes: tuple[Note, ...], length: int) -> form.Strain | None:
        """What sounds in the first half of a phrase, by whole frames."""
        middle = length // 2 // self._ticks * self._ticks
        kept = tuple(_until(n, middle) for n in notes if n.onset < middle)
        return form.Strain(kept, middle, whole=False) if kept else None

    def _changes(self, heard: Ints) -> Melody:
        return changes(chords(frames.pitches(self._kind, heard)))

    def sample(self, now: Situation, rng: np.random.Generator) -> Candidates:
        k = now.request.controls.candidates
        again = 0 if now.strain is None else now.strain.length // self._ticks
        count = _left(now.request, now.place.bar, now.offset // TWELFTHS + again)
        along = sampler.way(self._step.spec, now.place, now.request, k)
        return sampler.sample(self._step, now.start.tiled(k), along, count, rng)

    def melodies(self, takes: Candidates) -> list[Melody]:
        return [self._melody(takes.take(k)) for k in range(len(takes))]

    def _melody(self, take: Ints) -> Melody:
        notes = frames.decode(self._kind, take)
        length = [n.duration * TWELFTHS // self._ticks for n in notes]
        return np.array([n.pitch for n in notes], np.int64), np.array(length, np.int64)

    def rules(self, now: Situation, takes: Candidates, melodies: Sequence[Melody]) -> list[Rules]:  # noqa: ARG002
        runs = [takes.take(k) for k in range(len(takes))]
        whole = [self._changes(np.concatenate([now.frames, run])) for run in runs]
        # The last chord of the past may go on in a candidate: it is the first of that.
        known = len(now.past[0])
        new = [(chord[known:], length[known:]) for chord, length in whole]
        sources = [
            rules.feature_rules(self._kind, self.features(now, takes), now.place.bounds),
            rules.silence_rules(self._kind, runs, now.place.bar),
            returning_rules(now.past, new, now.place.returning, known=1),
            self._heard.rules(now.past, new, known=1),
            self._corpus.rules(now.past, new, now.place.longest_copy),
        ]
        if form.closes(now.place.form, now.request):
            sources.append(rules.closing_rules(self._kind, runs, now.place.last_note))
        return together(*sources)

    def features(self, now: Situation, takes: Candidates) -> list[dict[str, float]]:
        runs = [takes.take(k) for k in range(len(takes))]
        return rules.measured(self._kind, now.frames, runs, now.place.bar)

    def notes(
        self, now: Situation, takes: Candidates, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        take = takes.take(k)
        first = now.offset // TWELFTHS + (at - now.gap) // self._ticks
        notes = tuple(
            Note(n.onset, n.duration, n.pitch, self._loud(n, first, now.place.bar), n.channel)
            for n in frames.decode(self._kind, take)
        )
        return notes, len(take) * self._ticks

    def _loud(self, note: Note, first: int, bar: int) -> int:
        """By the place in the bar; the phrase begins `first` frames after a bar line."""
        accent = velocity(TWELFTHS * (first + note.onset // self._ticks), bar)
        return accent + LEAD * (self._kind == CHORALE and note.channel == 0)

    def hear(self, now: Situation, notes: Sequence[Note], length: int) -> None:
        request = now.request
        tune = priming.tune(self._kind, request, now.place.bar)
        phrase = [_moved(n, -now.gap) for n in notes]
        new = frames.encode(self._kind, phrase, (length - now.gap) // self._ticks)
        heard = self._changes(np.concatenate([tune.frames, new]))
        self._heard.hear((request.seed, request.tune), heard)


def _left(request: PhraseRequest, bar: int, passed: int) -> int:
    """Frames up to the bar line with which the phrase ends, `passed` frames after one; some."""
    left = request.bars * bar - passed
    return left if left > 0 else left % bar or bar


def _but_last(melody: Melody) -> Melody:
    return melody[0][:-1], melody[1][:-1]


def _until(note: Note, tick: int) -> Note:
    duration = min(note.duration, tick - note.onset)
    return Note(note.onset, duration, note.pitch, note.velocity, note.channel)


def _moved(note: Note, ticks: int) -> Note:
    return Note(note.onset + ticks, note.duration, note.pitch, note.velocity, note.channel)
