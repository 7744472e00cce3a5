"""The arrangement of one phrase: its parts, composed one after another.

Chords come first, then bass, comping and the other parts: each companion hears all parts before it,
and the lead, for the whole coming phrase. A companion that fails or comes too late costs its own
part only.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final
from zlib import crc32

import numpy as np

from stream.compose import form
from stream.compose.companions import changes
from stream.compose.companions.accompanied import HYMNAL, Accompaniment, replaces
from stream.compose.companions.accompaniment.comping_notes import clear
from stream.compose.companions.companion import Choice
from stream.compose.companions.rules import RULES
from stream.compose.companions.score import Notes, Score
from stream.compose.companions.store import CompanionStore
from stream.compose.tune_plan import TunePlan
from stream.ensembles.ensemble import Ensemble, EnsemblePart
from stream.errors import StreamError
from stream.music.note import Note, Phrase, PhraseRequest
from stream.music.part import BASS, COMPANION_PARTS, COMPING, HARMONY
from stream.music.verdict import Verdict

CANDIDATES: Final = 6
"""Most candidates of a companion for a phrase."""
SECONDS: Final = 4.0
"""Seconds after which no further companion begins: the lead does not wait for it."""
THIN: Final = 0.3
"""Highest energy that a part hears when it plays `thin`."""


class Arrangement:
    """The parts of one phrase, as they are composed one after another."""

    def __init__(
        self,
        store: CompanionStore,
        ensemble: Ensemble,
        request: PhraseRequest,
        plan: TunePlan,
        phrase: Phrase,
    ) -> None:
        self._store, self._ensemble = store, ensemble
        self._request, self._plan, self._phrase = request, plan, phrase
        self._until = time.monotonic() + SECONDS
        self._parts: dict[str, Notes] = {}
        """Notes of the past and of this phrase by role."""
        self._new: dict[str, Notes] = {}
        self._choices: dict[str, Choice] = {}
        self._verdicts: list[tuple[str, Verdict]] = []
        self._failed: list[str] = []
        self._entering = request.index + 1
        """Companions that may still begin. At the start of a stream one more joins in each phrase:
        a slow board would not load all of them in time for one."""

    def composed(self, own: Sequence[str], chords: Notes = ()) -> Accompaniment:
        """Compose all parts; `own` are the roles of the parts that the lead has composed.

        `chords` are those of the phrase, if they are known.
        """
        replaced = [role for role in own[1:] if replaces(self._ensemble.parts.get(role))]
        past = self._request.tune_notes
        for part, role in enumerate(own):
            if role not in replaced:
                self._parts[role] = _of(part, (*past, *self._phrase.notes))
        for role, part in COMPANION_PARTS.items():
            if role not in self._parts:
                self._parts[role] = _of(part, past)
        if chords:
            self._add(HARMONY, chords)
        else:
            self._compose_chords(own)
        kept = {HARMONY, *own} - set(replaced)
        parts = [p for p in self._ensemble.companions if p.role not in kept]
        for name, group in groupby(parts, key=lambda part: part.companion):
            self._compose(name, list(group))
        silent = [HARMONY] if self._rests(HARMONY) and HARMONY in self._new else []
        notes = [note for notes in self._new.values() for note in notes]
        phrase = dataclasses.replace(
            self._phrase,
            notes=tuple(sorted((*self._phrase.notes, *notes), key=_order)),
            companions=tuple(self._verdicts),
            failed=tuple(self._failed),
            silent=tuple(silent),
        )
        return Accompaniment(phrase, self._choices)

    def _compose_chords(self, own: Sequence[str]) -> None:
        """Add the chords, unless the lead has brought its own, or no part needs them.

        They are those that the lead was composed over, if the tune was drawn with chords.
        """
        parts = self._ensemble.parts
        needed = HARMONY in parts or any(
            role in parts and parts[role].companion not in {"", HYMNAL} for role in (BASS, COMPING)
        )
        if HARMONY in own or not needed:
            return
        outline = self._plan.outline
        if outline is not None and outline.chords:
            self._add(HARMONY, changes.chords(outline, self._request, self._phrase))
        else:
            self._compose(HARMONY, [parts.get(HARMONY, EnsemblePart(HARMONY, HARMONY))])

    def _compose(self, name: str, parts: Sequence[EnsemblePart]) -> None:
        """Compose the parts of one companion, if any of them plays."""
        energy = self._phrase.energy
        playing = [part for part in parts if part.playing(energy) != "tacet"]
        if not playing and name != HARMONY:
            return
        roles = [part.role for part in parts]
        if name in {HARMONY, HYMNAL} and self._repeated(roles):
            return
        self._entering -= name not in RULES
        if self._entering < 0:
            return
        thin = all(part.playing(energy) != "full" for part in parts)
        score = self._score(parts, min(energy, THIN) if thin else energy)
        if time.monotonic() > self._until:
            self._failed += roles
            return
        try:
            found = self._found(name, score)
        except StreamError:
            self._failed += roles
            return
        for role in (role for role in roles if role in found):
            part = COMPANION_PARTS[role]
            self._add(role, tuple(dataclasses.replace(n, channel=part) for n in found[role]))

    def _found(self, name: str, score: Score) -> Mapping[str, Notes]:
        """Return the notes by role that a companion composes."""
        request = self._request
        seed = request.seed, request.index, crc32(name.encode())
        if name in RULES:
            found = RULES[name].compose(score, np.random.default_rng(seed))
            return {
                role: tuple(clear(notes, score)) if role == COMPING else notes
                for role, notes in found.items()
            }
        controls = request.controls
        candidates = min(controls.candidates, CANDIDATES)
        companion = self._store.companion(name)
        start = self._store.end(name, self._phrase)
        choice = companion.compose(score, seed, candidates, controls.temperature, start)
        self._store.store_end(name, self._phrase, choice.end)
        self._choices[name] = choice
        self._verdicts += [(role, choice.verdict) for role in choice.parts]
        return choice.parts

    def _repeated(self, roles: Sequence[str]) -> bool:
        """Repeat the parts of a phrase that is repeated whole; return False if there are none."""
        repeat = form.repeat(self._plan.form, self._request)
        if repeat is None or not repeat.whole:
            return False
        found = {role: _of(COMPANION_PARTS[role], repeat.notes) for role in roles}
        if not all(found.values()):
            return False
        for role, notes in found.items():
            self._add(role, notes)
        return True

    def _add(self, role: str, notes: Notes) -> None:
        self._new[role] = notes
        self._parts[role] = (*self._parts.get(role, ()), *notes)

    def _score(self, parts: Sequence[EnsemblePart], energy: float) -> Score:
        """Return what the companion of these parts hears."""
        request, plan, phrase = self._request, self._plan, self._phrase
        return Score(
            parts=dict(self._parts),
            length=phrase.length,
            bar=phrase.bar,
            beat=plan.beat,
            past=request.tune_ticks,
            phrase_lengths=request.phrase_lengths,
            closing=phrase.closing,
            energy=energy,
            bpm=phrase.bpm,
            style=parts[0].style,
            tune_style=plan.style,
            low=min(part.low for part in parts),
            high=max(part.high for part in parts),
        )

    def _rests(self, role: str) -> bool:
        """Return True if a part that was composed is not heard."""
        part = self._ensemble.parts.get(role)
        return part is None or part.playing(self._phrase.energy) == "tacet"


def _of(part: int, notes: Sequence[Note]) -> Notes:
    return tuple(note for note in notes if note.channel == part)


def _order(note: Note) -> tuple[int, int, int]:
    return note.onset, note.channel, -note.pitch
