"""The composer: `compose(PhraseRequest) -> Phrase`, from voice and request.

It stores the states at the ends of its last phrases, so that the player may go back to one of them;
without a stored state it plays the request's history through the voice instead. It also stores the
runs of notes of the last hours, so that no tune repeats an earlier one.
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

from stream.compose import call_and_response, form, memory, playable_styles
from stream.compose.companions.accompanied import Accompaniment
from stream.compose.companions.band import Band
from stream.compose.filter import selection
from stream.compose.filter.entropy import NoteSeries
from stream.compose.melody.priming import PhraseEnd
from stream.compose.melody.strategies import melody_strategy
from stream.compose.phrase_context import PhraseContext, preference
from stream.compose.polyphony import kinds
from stream.compose.polyphony.strategy import FrameStrategy
from stream.compose.step import Step
from stream.compose.step import StepState as State
from stream.compose.strategy import Strategy
from stream.compose.taste_preference import among_candidates
from stream.compose.tune_facts import tune_facts
from stream.compose.tune_plan import TunePlan, packed, plan_tune
from stream.errors import SettingsError
from stream.music.note import Note, Phrase, PhraseRequest
from stream.music.part import LEAD_PARTS
from stream.music.verdict import Verdict
from stream.voices.spec import VoiceSpec

STORED_ENDS = 16
"""Number of phrases whose end states are stored."""
BATCHES = 4
"""Number of batches of K candidates that are composed before the least bad candidate is played."""
LEGACY_BARS = 2
"""Bars of the first phrase in old recordings, in which the rest before its first note was left out.
"""
STRATEGIES: Mapping[str, Callable[[Step, NDArray[np.uint8] | None], Strategy[Any]]] = {
    "melody": melody_strategy,
    **dict.fromkeys(kinds.HEADS, FrameStrategy),
}
"""The composing strategy by the kind of voice."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The candidates for one phrase, and which of them plays."""

    candidates: Any
    """The batch with the candidate that plays, as `Strategy.sample` returns it."""
    melodies: list[NoteSeries]
    """The notes of each candidate in the batch."""
    table: list[selection.Rules]
    """The rules of each candidate in the batch."""
    best: int
    """Index of the candidate that plays, within its batch."""
    verdict: Verdict
    """The choice among the candidates of all batches."""


class Composer:
    """A loaded voice with its strategy. Raises `VoiceError` if the voice cannot be loaded.

    `run_table` holds the runs of the last hours, as `novelty.RunHistory` takes it.
    """

    def __init__(self, path: Path, run_table: NDArray[np.uint8] | None = None) -> None:
        self.step = Step(path)
        self.spec: VoiceSpec = self.step.spec
        self.strategy: Strategy[Any] = STRATEGIES[self.spec.kind](self.step, run_table)
        self.spec = playable_styles.checked(path, self.spec, self.strategy)
        self.band = Band()
        self._ends: OrderedDict[tuple[int, int], PhraseEnd] = OrderedDict()

    def compose(self, request: PhraseRequest) -> Phrase:
        """Return the next phrase. Raises `SettingsError` for a style that the voice lacks."""
        context = self.context(request)
        if context.repeat is not None and context.repeat.whole:
            alone = self._finish(context, None, Verdict(candidates=0, accepted=0))
        else:
            alone = self.finish(context, self.evaluate(context))
        return self.accompanied(request, alone, context.plan).phrase

    def recreate(self, request: PhraseRequest, chosen: int) -> Phrase:
        """Return the phrase that `compose` made of the request when it chose this candidate.

        No rule is evaluated. `request.parent` is the `Phrase.parent` of that phrase. Raises
        `SettingsError` as `compose` does, and for a candidate that was never composed.
        """
        context = self.context(request)
        if context.repeat is not None and context.repeat.whole:
            alone = self._finish(context, None, Verdict(candidates=0, accepted=0))
            return self.accompanied(request, alone, context.plan).phrase
        batch, best = divmod(chosen, request.controls.candidates)
        if batch >= BATCHES:
            raise SettingsError(
                f"candidate {chosen}: invalid; at most {BATCHES} times K are composed"
            )
        candidates = next(itertools.islice(self._batches(context), batch, None))
        alone = self._finish(context, (candidates, best), Verdict(chosen=chosen))
        return self.accompanied(request, alone, context.plan).phrase

    def accompanied(self, request: PhraseRequest, phrase: Phrase, plan: TunePlan) -> Accompaniment:
        """Return a phrase with the parts that the ensemble's companions compose for it."""
        return self.band.accompany(self.spec.kind, request, plan, phrase)

    def context(self, request: PhraseRequest) -> PhraseContext:
        """Return the phrase's context. Raises `SettingsError` for a style that the voice lacks.

        The voice hears its own parts of the history, and not those of companions. A call may be on
        any channel.
        """
        plan = memory.loosened(plan_tune(self.spec, request), request)
        if not request.call:
            own = tuple(note for note in request.history if note.channel < LEAD_PARTS)
            request = dataclasses.replace(request, history=own)
        return self.strategy.context(request, plan, self._stored_end(request))

    def evaluate(self, context: PhraseContext) -> Evaluation:
        """Compose candidates for what is new in the phrase, batch after batch until one passes.

        If there is a preference among those that pass (density, call and response), all batches are
        composed.
        """
        preferred = preference(context)
        evaluations: list[Evaluation] = []
        for candidates in itertools.islice(self._batches(context), BATCHES):
            evaluations.append(self.evaluate_batch(context, candidates))
            if evaluations[-1].verdict.accepted and preferred is None:
                break
        if preferred is None and not context.request.taste and len(evaluations) == 1:
            return evaluations[0]
        melodies = list(itertools.chain.from_iterable(one.melodies for one in evaluations))
        table = list(itertools.chain.from_iterable(one.table for one in evaluations))
        by_taste = among_candidates(self.strategy, context, evaluations)
        prefer = partial(preferred, melodies) if preferred else by_taste
        best, verdict = selection.choose(table, prefer)
        batch, index = divmod(best, context.request.controls.candidates)
        return dataclasses.replace(evaluations[batch], best=index, verdict=verdict)

    def _batches(self, context: PhraseContext) -> Iterator[Any]:
        """Yield batches of K candidates without end."""
        rng = np.random.default_rng([context.request.seed, context.request.index, 2])
        while True:
            yield self.strategy.sample(context, rng)

    def evaluate_batch(self, context: PhraseContext, candidates: Any) -> Evaluation:
        """Return the rules of each candidate in a batch, and the choice."""
        melodies = self.strategy.melodies(context, candidates)
        table = self.strategy.rules(context, candidates, melodies)
        best, verdict = selection.choose(table)
        return Evaluation(candidates, melodies, table, best, verdict)

    def _stored_end(self, request: PhraseRequest) -> PhraseEnd | None:
        """Return the stored end that the phrase continues, or None to use the history."""
        if request.call:
            return None
        return self._ends.get((request.seed, request.parent))

    def finish(self, context: PhraseContext, found: Evaluation) -> Phrase:
        """Return the phrase of the candidate that plays, without the parts of companions."""
        return self._finish(context, (found.candidates, found.best), found.verdict)

    def _finish(
        self, context: PhraseContext, chosen: tuple[Any, int] | None, verdict: Verdict
    ) -> Phrase:
        """Return the phrase: what it repeats, then what was composed; its end is stored."""
        notes = context.repeat.notes if context.repeat else ()
        length = context.repeat.length if context.repeat else context.gap
        end = context.start
        if chosen is not None:
            candidates, best = chosen
            end = candidates.end_states[best]
            new, ticks = self.strategy.notes(context, candidates, best, length)
            notes += tuple(n.moved(length) for n in new)
            length += ticks
        self.strategy.update_history(context, notes, length)
        self._store_end(context, end)
        return self._phrase(
            context, call_and_response.out_of_register(notes, context.shift), length, verdict
        )

    def _store_end(self, context: PhraseContext, end: State) -> None:
        closing = form.closes(context.plan.form, context.request)
        self._ends[context.request.seed, context.request.index] = PhraseEnd(
            end, 0 if closing else context.shift
        )
        while len(self._ends) > STORED_ENDS:
            self._ends.popitem(last=False)

    def _phrase(
        self, context: PhraseContext, notes: tuple[Note, ...], length: int, verdict: Verdict
    ) -> Phrase:
        request, plan = context.request, context.plan
        if request.index == 0:
            notes, length = first_note_at_once(request, notes, length)
        facts = tune_facts(plan, request, context.shift)
        return Phrase(
            notes=notes,
            length=length,
            bpm=request.controls.tempo(facts),
            index=request.index,
            tune=request.tune,
            style=plan.name,
            voice=self.spec.name,
            seed=request.seed,
            bar=plan.bar * plan.unit,
            verdict=verdict,
            parent=context.parent,
            closing=form.closes(plan.form, request),
            letter=form.letter(plan.form, request),
            latent=packed(plan.latent),
            **dataclasses.asdict(facts),
        )


def first_note_at_once(
    request: PhraseRequest, notes: tuple[Note, ...], length: int
) -> tuple[tuple[Note, ...], int]:
    """Return the first phrase of a stream without a leading rest: notes and length in ticks.

    The first notes are held during the time of the rest, so that the bars stay complete.
    """
    rest = notes[0].onset if notes else 0
    if request.bars == LEGACY_BARS and not request.more:
        return tuple(n.moved(-rest) for n in notes), length - rest
    first = sum(n.onset == rest for n in notes)
    held = (dataclasses.replace(n, onset=0, duration=n.duration + rest) for n in notes[:first])
    return (*held, *notes[first:]), length
