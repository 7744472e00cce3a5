"""The composer: `compose(PhraseRequest) -> Phrase`, a pure function of voice and request.

It remembers the states of its last phrases, so that the player may go back to one of them; for a
phrase it does not remember it plays the request's history through the voice instead.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stream.compose import accents, entropy, filters, sampler, vocabulary
from stream.compose.latent import Place, place
from stream.compose.step import Memory, Point, Step
from stream.note import Note, Phrase, PhraseRequest, Verdict

REMEMBERED = 16
"""Phrases whose end the composer can go on from."""


@dataclass(frozen=True, slots=True)
class Consideration:
    """All candidates for a phrase, and which of them plays."""

    place: Place
    offset: int
    """Twelfths since the last bar line at which the phrase starts."""
    past: entropy.Melody
    """The notes of the tune before the phrase."""
    candidates: sampler.Candidates
    table: list[filters.Rules]
    """The rules, as they turned out for each candidate."""
    best: int
    verdict: Verdict


class Composer:
    """One voice at work. Raises `VoiceError` where the voice can not be loaded."""

    def __init__(self, path: Path) -> None:
        self._step = Step(path)
        self.spec = self._step.spec
        self._ends: OrderedDict[tuple[int, int], Memory] = OrderedDict()

    def compose(self, request: PhraseRequest) -> Phrase:
        """The next phrase. Raises `SettingsError` for a style that the voice lacks."""
        found = self.consider(request)
        where, controls = found.place, request.controls
        self._remember(request, found.candidates.memories[found.best])
        events = found.candidates.events(found.best).tolist()
        notes, length = vocabulary.decode(events, where.unit)
        # The stream begins with a note: who waits for it does not hear a rest.
        rest = notes[0].onset if notes and request.index == 0 else 0
        return Phrase(
            notes=_earlier(_accented(notes, where, found.offset), rest),
            length=length - rest,
            bpm=controls.bpm,
            index=request.index,
            tune=request.tune,
            style=where.name,
            voice=self.spec.name,
            seed=request.seed,
            bar=where.bar * where.unit,
            verdict=found.verdict,
            parent=request.parent,
        )

    def consider(self, request: PhraseRequest) -> Consideration:
        """The candidates for the next phrase and the choice; changes nothing.

        Raises `SettingsError` for a style that the voice lacks.
        """
        where = place(self.spec, request)
        controls = request.controls
        start = self._start(request, where)
        offset = 0 if request.opening else _position(start) % (12 * where.bar)
        target = max(request.bars * 12 * where.bar - offset, 12)
        point = _point(where, controls.candidates, controls.temperature, controls.top_p)
        rng = np.random.default_rng([request.seed, request.index, 2])
        candidates = sampler.sample(
            self._step, start.tiled(controls.candidates), point, target, rng
        )
        past = filters.past_of(() if request.opening else request.history, where.unit)
        table = filters.together(
            filters.entropy_rules(candidates, past, where.bounds),
            filters.bar_line_rules(candidates),
        )
        best, verdict = filters.choose(table)
        return Consideration(where, offset, past, candidates, table, best, verdict)

    def _start(self, request: PhraseRequest, where: Place) -> Memory:
        """The memory that the phrase goes on from."""
        memory = self._ends.get((request.seed, request.parent))
        if memory is None:
            memory = self._from_history(request, where)
        if request.opening:
            start = self._step.initial().token
            memory = Memory(start, memory.states)
        return memory

    def _from_history(self, request: PhraseRequest, where: Place) -> Memory:
        # Its onsets lead up to the phrase: the phrase's own start is 0.
        lead = -request.history[0].onset if request.history else 0
        history = [dataclasses.replace(n, onset=n.onset + lead) for n in request.history]
        events = vocabulary.encode(history, where.unit, lead)
        if not events:
            return self._step.initial()
        return sampler.prime(self._step, events, _point(where, 1, 1.0, 1.0))

    def _remember(self, request: PhraseRequest, end: Memory) -> None:
        self._ends[request.seed, request.index] = end
        while len(self._ends) > REMEMBERED:
            self._ends.popitem(last=False)


def _position(memory: Memory) -> int:
    """Twelfths since the head of the tune at which the next event starts."""
    duration = int(memory.token[0, 2])
    lengths = (*vocabulary.TWELFTHS, 0)
    return (int(memory.states[-1][0]) + lengths[duration]) % vocabulary.PERIOD


def _point(where: Place, candidates: int, temperature: float, top_p: float) -> Point:
    return Point(
        np.repeat(where.latent[None], candidates, 0),
        np.repeat(where.tags[None], candidates, 0),
        temperature,
        top_p,
    )


def _accented(notes: tuple[Note, ...], where: Place, offset: int) -> tuple[Note, ...]:
    return tuple(
        dataclasses.replace(
            n, velocity=accents.velocity(offset + n.onset * 12 // where.unit, where.bar)
        )
        for n in notes
    )


def _earlier(notes: tuple[Note, ...], ticks: int) -> tuple[Note, ...]:
    return tuple(dataclasses.replace(n, onset=n.onset - ticks) for n in notes) if ticks else notes
