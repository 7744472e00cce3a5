"""The composer: `compose(PhraseRequest) -> Phrase`, from voice and request.

It remembers the states of its last phrases, so that the player may go back to one of them; for a
phrase it does not remember it plays the request's history through the voice instead. And it
remembers the runs of notes of the last hours, so that no tune is heard twice.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose import call_and_response, form
from stream.compose.filter import selection
from stream.compose.filter.entropy import Melody
from stream.compose.melody.priming import End
from stream.compose.melody.strategy import MelodyStrategy
from stream.compose.phrase_context import PhraseContext, preference
from stream.compose.polyphony import kinds
from stream.compose.polyphony.strategy import FrameStrategy
from stream.compose.step import Step
from stream.compose.step import StepState as State
from stream.compose.strategy import Strategy
from stream.compose.tune_plan import plan_tune
from stream.errors import SettingsError, VoiceError
from stream.music.note import Note, Phrase, PhraseRequest, Verdict
from stream.voices.spec import VoiceSpec

REMEMBERED = 16
"""Phrases whose ends the composer can go on from."""
BATCHES = 4
"""Times K candidates are composed before the least bad one has to do."""
LEGACY_BARS = 2
"""Of the first phrase in recordings of a time when the rest before its first note was left out."""
STRATEGIES: Mapping[str, Callable[[Step, NDArray[np.uint8] | None], Strategy[Any]]] = {
    "melody": MelodyStrategy,
    **dict.fromkeys(kinds.HEADS, FrameStrategy),
}
"""Who composes, by the kind of voice."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The candidates for one phrase, and which of them plays."""

    candidates: Any
    """As the craft of the voice samples them: `craft.Takes`."""
    melodies: list[Melody]
    """The notes of each."""
    table: list[selection.Rules]
    """The rules of each candidate."""
    best: int
    """Which of these candidates plays ..."""
    verdict: Verdict
    """... and which of all that were composed, those of earlier batches among them."""


class Composer:
    """One voice at work. Raises `VoiceError` where the voice can not be loaded.

    `heard` is where the runs of the last hours are remembered, as `novelty.RunHistory` takes it.
    """

    def __init__(self, path: Path, heard: NDArray[np.uint8] | None = None) -> None:
        self.step = Step(path)
        self.spec: VoiceSpec = self.step.spec
        self.craft: Strategy[Any] = STRATEGIES[self.spec.kind](self.step, heard)
        _check_styles(path, self.spec, self.craft)
        self._ends: OrderedDict[tuple[int, int], End] = OrderedDict()

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

    def situation(self, request: PhraseRequest) -> PhraseContext:
        """Where the phrase begins. Raises `SettingsError` for a style that the voice lacks."""
        where = plan_tune(self.spec, request)
        return self.craft.situation(request, where, self._remembered(request))

    def consider(self, now: PhraseContext) -> Evaluation:
        """Candidates for what is new in the phrase, batch after batch until one passes.

        Where one of those that pass is wished for more than another, all batches are composed.
        """
        wished = preference(now)
        tries: list[Evaluation] = []
        for candidates in itertools.islice(self._batches(now), BATCHES):
            tries.append(self.judged(now, candidates))
            if tries[-1].verdict.accepted and wished is None:
                break
        if wished is None and len(tries) == 1:
            return tries[0]
        melodies = list(itertools.chain.from_iterable(one.melodies for one in tries))
        table = list(itertools.chain.from_iterable(one.table for one in tries))
        prefer = None if wished is None else partial(wished, melodies)
        best, verdict = selection.choose(table, prefer)
        batch, own = divmod(best, now.request.controls.candidates)
        return dataclasses.replace(tries[batch], best=own, verdict=verdict)

    def _batches(self, now: PhraseContext) -> Iterator[Any]:
        """K candidates and K more, without end."""
        rng = np.random.default_rng([now.request.seed, now.request.index, 2])
        while True:
            yield self.craft.sample(now, rng)

    def judged(self, now: PhraseContext, candidates: Any) -> Evaluation:
        """The rules of each candidate, and the choice."""
        melodies = self.craft.melodies(now, candidates)
        table = self.craft.rules(now, candidates, melodies)
        best, verdict = selection.choose(table)
        return Evaluation(candidates, melodies, table, best, verdict)

    def _remembered(self, request: PhraseRequest) -> End | None:
        """The end that the phrase goes on from; none where something else was played since."""
        if request.call:
            return None
        return self._ends.get((request.seed, request.parent))

    def _made(self, now: PhraseContext, chosen: tuple[Any, int] | None, verdict: Verdict) -> Phrase:
        """The phrase: what is heard again, then what was composed; from now on it is remembered."""
        notes = now.strain.notes if now.strain else ()
        length = now.strain.length if now.strain else now.gap
        end = now.start
        if chosen is not None:
            candidates, best = chosen
            end = candidates.memories[best]
            new, ticks = self.craft.notes(now, candidates, best, length)
            notes += tuple(n.moved(length) for n in new)
            length += ticks
        self.craft.hear(now, notes, length)
        self._remember(now, end)
        return self._phrase(
            now, call_and_response.out_of_register(notes, now.shift), length, verdict
        )

    def _remember(self, now: PhraseContext, end: State) -> None:
        closing = form.closes(now.place.form, now.request)
        self._ends[now.request.seed, now.request.index] = End(end, 0 if closing else now.shift)
        while len(self._ends) > REMEMBERED:
            self._ends.popitem(last=False)

    def _phrase(
        self, now: PhraseContext, notes: tuple[Note, ...], length: int, verdict: Verdict
    ) -> Phrase:
        request, where = now.request, now.place
        if request.index == 0:
            notes, length = first_note_at_once(request, notes, length)
        return Phrase(
            notes=notes,
            length=length,
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


def _check_styles(path: Path, spec: VoiceSpec, craft: Strategy[Any]) -> None:
    if not spec.styles:
        raise VoiceError(f"voice {path}: has no style to compose in; export it again")
    for name, style in spec.styles.items():
        if wrong := craft.strange(style):
            raise VoiceError(f"voice {path}: style {name} {wrong}")


def first_note_at_once(
    request: PhraseRequest, notes: tuple[Note, ...], length: int
) -> tuple[tuple[Note, ...], int]:
    """The head of a stream without a rest, for whoever waits for it: notes and length in ticks.

    What begins first is held for the time of the rest, too, so that the bars are whole.
    """
    rest = notes[0].onset if notes else 0
    if request.bars == LEGACY_BARS and not request.more:
        return tuple(n.moved(-rest) for n in notes), length - rest
    first = sum(n.onset == rest for n in notes)
    held = (dataclasses.replace(n, onset=0, duration=n.duration + rest) for n in notes[:first])
    return (*held, *notes[first:]), length
