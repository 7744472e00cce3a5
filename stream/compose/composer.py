"""The composer: `compose(PhraseRequest) -> Phrase`, from voice and request.

It remembers the states of its last phrases, so that the player may go back to one of them; for a
phrase it does not remember it plays the request's history through the voice instead. And it
remembers the runs of notes of the last hours, so that no tune is heard twice.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream.checked import shown
from stream.compose import filters, form, sampler, vocabulary
from stream.compose.accents import accented
from stream.compose.entropy import FEATURES, Melody
from stream.compose.latent import Place, place
from stream.compose.novelty import Corpus, Memory, returning_rules
from stream.compose.sampler import Candidates
from stream.compose.step import Memory as State
from stream.compose.step import Point, Step
from stream.errors import VoiceError
from stream.note import Note, Phrase, PhraseRequest, Verdict
from stream.voice import VoiceSpec

REMEMBERED = 16
"""Phrases whose end the composer can go on from."""
BATCHES = 4
"""Times K candidates are composed before the least bad one has to do."""


@dataclass(frozen=True, slots=True)
class Consideration:
    """The candidates for one phrase, and which of them plays."""

    candidates: Candidates
    melodies: list[Melody]
    """The notes of each."""
    table: list[filters.Rules]
    """The rules of each candidate."""
    best: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a phrase begins: all that composing it depends on."""

    request: PhraseRequest
    place: Place
    strain: form.Strain | None
    """What of the tune is heard again first."""
    past: Melody
    """The notes of the tune before the first new one."""
    start: State
    """After the strain, with K = 1."""
    offset: int
    """Twelfths from the last bar line to the head of the phrase."""


class Composer:
    """One voice at work. Raises `VoiceError` where the voice can not be loaded.

    `heard` is where the runs of the last hours are remembered, as `novelty.Memory` takes it.
    """

    def __init__(self, path: Path, heard: NDArray[np.uint8] | None = None) -> None:
        self._step = Step(path)
        self.spec = self._step.spec
        _check_styles(path, self.spec)
        self._ends: OrderedDict[tuple[int, int], State] = OrderedDict()
        self._corpus = Corpus(self._step.corpus)
        self._heard = Memory(heard)

    def compose(self, request: PhraseRequest) -> Phrase:
        """The next phrase. Raises `SettingsError` for a style that the voice lacks."""
        now = self.situation(request)
        notes = now.strain.notes if now.strain else ()
        length = now.strain.length if now.strain else 0
        end, verdict = now.start, Verdict(candidates=0, accepted=0)
        if now.strain is None or not now.strain.whole:
            considered = self.consider(now)
            verdict, best = considered.verdict, considered.best
            end = considered.candidates.memories[best]
            events = considered.candidates.events(best).tolist()
            new, ticks = vocabulary.decode(events, now.place.unit)
            offset = now.offset * now.place.unit // 12 + length
            new = accented(new, now.place.bar, now.place.unit, offset)
            notes += tuple(_moved(n, length) for n in new)
            length += ticks
        self._remember(now, end, notes)
        return self._phrase(now, notes, length, verdict)

    def situation(self, request: PhraseRequest) -> Situation:
        """Where the phrase begins. Raises `SettingsError` for a style that the voice lacks."""
        where = place(self.spec, request)
        start = self._start(request, where)
        offset = 0 if request.opening else _position(start) % (12 * where.bar)
        strain = form.strain(where.form, request)
        tune = [n for n in request.history if n.onset >= -request.tune_ticks]
        if strain is not None:
            tune += strain.notes
            events = vocabulary.encode(strain.notes, where.unit, strain.length)
            start = sampler.forced(self._step, start, events, _point(where, request, 1))
        return Situation(request, where, strain, _melody(tune, where.unit), start, offset)

    def consider(self, now: Situation) -> Consideration:
        """Candidates for what is new in the phrase, batch after batch until one passes."""
        request, where = now.request, now.place
        k = request.controls.candidates
        rng = np.random.default_rng([request.seed, request.index, 2])
        target = request.bars * 12 * where.bar - now.offset
        if now.strain is not None:
            target -= now.strain.length * 12 // where.unit
        tries: list[Consideration] = []
        for _ in range(BATCHES):
            candidates = sampler.sample(
                self._step, now.start.tiled(k), _point(where, request, k), max(target, 12), rng
            )
            tries.append(self.judged(now, candidates))
            if tries[-1].verdict.accepted:
                break
        chosen = min(tries, key=lambda one: filters.badness(one.table[one.best]))
        return dataclasses.replace(
            chosen, verdict=dataclasses.replace(chosen.verdict, candidates=k * len(tries))
        )

    def judged(self, now: Situation, candidates: Candidates) -> Consideration:
        """The rules of each candidate, and the choice."""
        melodies = [candidates.melody(i) for i in range(len(candidates))]
        sources = [
            filters.entropy_rules(melodies, now.past, now.place.bounds),
            filters.bar_line_rules(candidates),
            filters.silence_rules(candidates, now.place.bar),
            returning_rules(now.past, melodies, now.place.returning),
            self._heard.rules(now.past, melodies),
            self._corpus.rules(now.past, melodies, now.place.longest_copy),
        ]
        if form.closes(now.place.form, now.request):
            sources.append(filters.closing_rules(melodies, now.place.last_note))
        table = filters.together(*sources)
        best, verdict = filters.choose(table)
        return Consideration(candidates, melodies, table, best, verdict)

    def _start(self, request: PhraseRequest, where: Place) -> State:
        """The state that the phrase goes on from."""
        state = self._ends.get((request.seed, request.parent))
        if state is None:
            state = self._from_history(request, where)
        if request.opening:
            state = State(self._step.initial().token, state.states)
        return state

    def _from_history(self, request: PhraseRequest, where: Place) -> State:
        # Its onsets lead up to the phrase: the phrase's own start is 0.
        lead = -request.history[0].onset if request.history else 0
        events = vocabulary.encode([_moved(n, lead) for n in request.history], where.unit, lead)
        if not events:
            return self._step.initial()
        return sampler.prime(self._step, events, _point(where, request, 1))

    def _remember(self, now: Situation, end: State, notes: tuple[Note, ...]) -> None:
        request = now.request
        tune = [n for n in request.history if n.onset >= -request.tune_ticks]
        self._heard.hear((request.seed, request.tune), _melody([*tune, *notes], now.place.unit))
        self._ends[request.seed, request.index] = end
        while len(self._ends) > REMEMBERED:
            self._ends.popitem(last=False)

    def _phrase(
        self, now: Situation, notes: tuple[Note, ...], length: int, verdict: Verdict
    ) -> Phrase:
        request, where = now.request, now.place
        # The stream begins with a note: who waits for it does not hear a rest.
        rest = notes[0].onset if notes and request.index == 0 else 0
        return Phrase(
            notes=tuple(_moved(n, -rest) for n in notes),
            length=length - rest,
            bpm=request.controls.bpm,
            index=request.index,
            tune=request.tune,
            style=where.name,
            voice=self.spec.name,
            seed=request.seed,
            bar=where.bar * where.unit,
            verdict=verdict,
            parent=request.parent,
            closing=form.closes(where.form, request),
        )


def _check_styles(path: Path, spec: VoiceSpec) -> None:
    if not spec.styles:
        raise VoiceError(f"voice {path}: has no style to compose in; export it again")
    for name, style in spec.styles.items():
        strange = sorted(style.bounds.keys() - set(FEATURES))
        if strange:
            raise VoiceError(
                f"voice {path}: style {name} bounds what is not measured: {shown(strange)}"
            )


def _position(state: State) -> int:
    """Twelfths since the head of the tune at which the next event starts."""
    duration = int(state.token[0, 2])
    lengths = (*vocabulary.TWELFTHS, 0)
    return (int(state.states[-1][0]) + lengths[duration]) % vocabulary.PERIOD


def _point(where: Place, request: PhraseRequest, candidates: int) -> Point:
    return Point(
        np.repeat(where.latent[None], candidates, 0),
        np.repeat(where.tags[None], candidates, 0),
        request.controls.temperature,
        request.controls.top_p,
    )


def _melody(notes: list[Note], unit: int) -> Melody:
    """Pitch [n] and length [n] in twelfths of a unit."""
    pitch = np.array([n.pitch for n in notes], np.int64)
    return pitch, np.array([n.duration * 12 // unit for n in notes], np.int64)


def _moved(note: Note, ticks: int) -> Note:
    return Note(note.onset + ticks, note.duration, note.pitch, note.velocity, note.channel)
