"""The composer: `compose(PhraseRequest) -> Phrase`, from voice and request.

It remembers the states of its last phrases, so that the player may go back to one of them; for a
phrase it does not remember it plays the request's history through the voice instead. And it
remembers the runs of notes of the last hours, so that no tune is heard twice.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream.checked import shown
from stream.compose import answer, filters, form, priming, sampler, vocabulary
from stream.compose.accents import accented
from stream.compose.entropy import FEATURES, Melody
from stream.compose.latent import Place, place
from stream.compose.novelty import Corpus, Memory, returning_rules
from stream.compose.priming import End, Standing
from stream.compose.sampler import Candidates
from stream.compose.situation import Situation, melody, point, target, wish
from stream.compose.step import Memory as State
from stream.compose.step import Step
from stream.errors import SettingsError, VoiceError
from stream.note import Note, Phrase, PhraseRequest, Verdict
from stream.voice import VoiceSpec

REMEMBERED = 16
"""Phrases whose ends the composer can go on from."""
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
    """Which of these candidates plays ..."""
    verdict: Verdict
    """... and which of all that were composed, those of earlier batches among them."""


class Composer:
    """One voice at work. Raises `VoiceError` where the voice can not be loaded.

    `heard` is where the runs of the last hours are remembered, as `novelty.Memory` takes it.
    """

    def __init__(self, path: Path, heard: NDArray[np.uint8] | None = None) -> None:
        self._step = Step(path)
        self.spec = self._step.spec
        _check_styles(path, self.spec)
        self._ends: OrderedDict[tuple[int, int], End] = OrderedDict()
        self._corpus = Corpus(self._step.corpus)
        self._heard = Memory(heard)

    def compose(self, request: PhraseRequest) -> Phrase:
        """The next phrase. Raises `SettingsError` for a style that the voice lacks."""
        now = self.situation(request)
        if now.strain is not None and now.strain.whole:
            return self._made(now, None, Verdict(candidates=0, accepted=0))
        found = self.consider(now)
        return self._made(now, (found.candidates, found.best), found.verdict)

    def recreate(self, request: PhraseRequest, chosen: int) -> Phrase:
        """The phrase that `compose` made of the request when it chose so; no rule is asked.

        `request.parent` is the `Phrase.parent` of then. Raises `SettingsError` as `compose` does,
        and where there never was such a candidate.
        """
        now = self.situation(request)
        if now.strain is not None and now.strain.whole:
            return self._made(now, None, Verdict(candidates=0, accepted=0))
        batch, best = divmod(chosen, request.controls.candidates)
        if batch >= BATCHES:
            raise SettingsError(f"candidate {chosen}: there are no more than {BATCHES} times K")
        candidates = next(itertools.islice(self._batches(now), batch, None))
        return self._made(now, (candidates, best), Verdict(chosen=chosen))

    def situation(self, request: PhraseRequest) -> Situation:
        """Where the phrase begins. Raises `SettingsError` for a style that the voice lacks."""
        where = place(self.spec, request)
        end = self._remembered(request)
        shift = answer.shift(request) if end is None else end.shift
        request = answer.in_register(request, shift)
        start, standing = self._start(request, where, end)
        strain = form.strain(where.form, request)
        tune = [n for n in request.history if n.onset >= -request.tune_ticks]
        if strain is not None:
            tune += strain.notes
            events = vocabulary.encode(strain.notes, where.unit, strain.length)
            start = sampler.forced(self._step, start, events, point(where, request, 1))
        return Situation(
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

    def consider(self, now: Situation) -> Consideration:
        """Candidates for what is new in the phrase, batch after batch until one passes.

        Where one of those that pass is wished for more than another, all batches are composed.
        """
        wished = wish(now)
        tries: list[Consideration] = []
        for candidates in itertools.islice(self._batches(now), BATCHES):
            tries.append(self.judged(now, candidates))
            if tries[-1].verdict.accepted and wished is None:
                break
        melodies = list(itertools.chain.from_iterable(one.melodies for one in tries))
        table = list(itertools.chain.from_iterable(one.table for one in tries))
        prefer = None if wished is None else partial(wished, melodies)
        best, verdict = filters.choose(table, prefer)
        batch, own = divmod(best, now.request.controls.candidates)
        return dataclasses.replace(tries[batch], best=own, verdict=verdict)

    def _batches(self, now: Situation) -> Iterator[Candidates]:
        """K candidates and K more, without end."""
        request, k = now.request, now.request.controls.candidates
        rng = np.random.default_rng([request.seed, request.index, 2])
        where, ticks = point(now.place, request, k), target(now)
        while True:
            yield sampler.sample(self._step, now.start.tiled(k), where, ticks, rng)

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

    def _remembered(self, request: PhraseRequest) -> End | None:
        """The end that the phrase goes on from; none where something else was played since."""
        if request.begun or request.call:
            return None
        return self._ends.get((request.seed, request.parent))

    def _start(
        self, request: PhraseRequest, where: Place, end: End | None
    ) -> tuple[State, Standing]:
        """The state that the phrase goes on from, and where in the metre that is."""
        if end is not None:
            state = end.state
            standing = Standing(priming.position(state) % (12 * where.bar))
        else:
            standing = priming.standing(request, where.bar, where.unit)
            events = priming.events(request, where.unit, standing)
            state = priming.primed(self._step, events, point(where, request, 1), standing)
        if request.opening and not request.call:
            return State(self._step.initial().token, state.states), Standing()
        return state, standing

    def _made(
        self, now: Situation, chosen: tuple[Candidates, int] | None, verdict: Verdict
    ) -> Phrase:
        """The phrase: what is heard again, then what was composed; from now on it is remembered."""
        notes = now.strain.notes if now.strain else ()
        length = now.strain.length if now.strain else now.gap
        end = now.start
        if chosen is not None:
            candidates, best = chosen
            end = candidates.memories[best]
            bar, unit = now.place.bar, now.place.unit
            new, ticks = vocabulary.decode(candidates.events(best).tolist(), unit)
            offset = now.offset * unit // 12 + (length - now.gap)
            new = accented(new, bar, unit, offset)
            notes += tuple(_moved(n, length) for n in new)
            length += ticks
        self._remember(now, end, notes)
        return self._phrase(now, answer.out_of_register(notes, now.shift), length, verdict)

    def _remember(self, now: Situation, end: State, notes: tuple[Note, ...]) -> None:
        request = now.request
        tune = [n for n in request.history if n.onset >= -request.tune_ticks]
        self._heard.hear((request.seed, request.tune), melody([*tune, *notes], now.place.unit))
        closing = form.closes(now.place.form, request)
        self._ends[request.seed, request.index] = End(end, 0 if closing else now.shift)
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
            parent=now.parent,
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


def _moved(note: Note, ticks: int) -> Note:
    return Note(note.onset + ticks, note.duration, note.pitch, note.velocity, note.channel)
