"""The band: it gives a phrase of the lead voice the parts that an ensemble's companions compose.

Chords come first, then bass, comping and the other parts: each companion hears all parts before it,
and the lead, for the whole coming phrase. A companion that fails or comes too late costs its own
part only.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np

from stream.compose import form
from stream.compose.companions.companion import Choice, Companion
from stream.compose.companions.kinds import kind_named
from stream.compose.companions.rules import RULES
from stream.compose.companions.score import Notes, Score
from stream.compose.tune_plan import TunePlan
from stream.ensembles.ensemble import Ensemble, EnsemblePart, load
from stream.errors import StreamError
from stream.music.energy import energy_at
from stream.music.note import Note, Phrase, PhraseRequest
from stream.music.part import BASS, COMPANION_PARTS, COMPING, HARMONY, LEAD, own_roles
from stream.music.verdict import Verdict
from stream.voices.spec import COMPANIONS

CANDIDATES: Final = 6
"""Most candidates of a companion for a phrase."""
SECONDS: Final = 4.0
"""Seconds after which no further companion begins: the lead does not wait for it."""
THIN: Final = 0.3
"""Highest energy that a part hears when it plays `thin`."""
HYMNAL: Final = "hymnal"
"""Companion whose parts are repeated with the phrase that they belong to."""
EIGHTH: Final = 24
BEAT, COMPOUND_BEAT = 48, 72
"""Ticks in a beat of simple and of compound meters."""


@dataclass(frozen=True, slots=True)
class Accompaniment:
    """A phrase with all its parts, and how they were chosen."""

    phrase: Phrase
    choices: Mapping[str, Choice]
    """Candidates of each trained companion that composed, by its name."""


class Band:
    """The companions of all ensembles that have played so far."""

    def __init__(self, folder: Path = COMPANIONS) -> None:
        self._folder = folder
        self._companions: dict[str, Companion] = {}
        self._ensembles: dict[str, Ensemble] = {}

    def accompany(
        self, kind: str, request: PhraseRequest, plan: TunePlan, phrase: Phrase
    ) -> Accompaniment:
        """Return the lead's phrase with the parts of the ensemble; `kind` is that of the lead.

        The first phrase of a stream stays alone: it sounds as soon as it is composed. Raises
        `SettingsError` for an unknown ensemble.
        """
        name = request.controls.ensemble or plan.ensemble
        if not name:
            return Accompaniment(phrase, {})
        ensemble = self._ensembles.get(name) or load(name)
        self._ensembles[name] = ensemble
        controls, number = request.controls, len(request.phrase_lengths)
        energy = energy_at(controls.energy, controls.arc, request.seed, request.tune, number)
        own = own_roles(kind)
        phrase = dataclasses.replace(
            phrase, ensemble=ensemble.name, energy=energy, roles=_heard(own, ensemble, energy)
        )
        if request.index == 0 or not ensemble.companions:
            return Accompaniment(phrase, {})
        return Arrangement(self, ensemble, request, plan, phrase).composed(own)

    def companion(self, name: str) -> Companion:
        """Return a trained companion. Raises `VoiceError` if its voice cannot be loaded."""
        if name not in self._companions:
            path = self._folder / f"{name}.onnx"
            self._companions[name] = Companion(path, kind_named(name), name)
        return self._companions[name]


class Arrangement:
    """The parts of one phrase, as they are composed one after another."""

    def __init__(
        self,
        band: Band,
        ensemble: Ensemble,
        request: PhraseRequest,
        plan: TunePlan,
        phrase: Phrase,
    ) -> None:
        self._band, self._ensemble = band, ensemble
        self._request, self._plan, self._phrase = request, plan, phrase
        self._until = time.monotonic() + SECONDS
        self._parts: dict[str, Notes] = {}
        """Notes of the past and of this phrase by role."""
        self._new: dict[str, Notes] = {}
        self._choices: dict[str, Choice] = {}
        self._verdicts: list[tuple[str, Verdict]] = []
        self._failed: list[str] = []

    def composed(self, own: Sequence[str]) -> Accompaniment:
        """Compose all parts; `own` are the roles of the parts that the lead has composed."""
        replaced = [role for role in own[1:] if _replaces(self._ensemble.parts.get(role))]
        past = self._request.tune_notes
        for part, role in enumerate(own):
            if role not in replaced:
                self._parts[role] = _of(part, (*past, *self._phrase.notes))
        for role, part in COMPANION_PARTS.items():
            if role not in self._parts:
                self._parts[role] = _of(part, past)
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
        """Compose the chords, unless the lead has brought its own, or no part needs them."""
        parts = self._ensemble.parts
        needed = HARMONY in parts or any(
            role in parts and parts[role].companion not in {"", HYMNAL} for role in (BASS, COMPING)
        )
        if HARMONY not in own and needed:
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
            return RULES[name].compose(score, np.random.default_rng(seed))
        controls = request.controls
        candidates = min(controls.candidates, CANDIDATES)
        companion = self._band.companion(name)
        choice = companion.compose(score, seed, candidates, controls.temperature)
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
            beat=COMPOUND_BEAT if plan.unit == EIGHTH and plan.bar % 3 == 0 else BEAT,
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


def _heard(own: Sequence[str], ensemble: Ensemble, energy: float) -> tuple[str, ...]:
    """Return the roles of the lead's own parts; empty for one that is not heard.

    A part that the ensemble lacks is heard only if the ensemble has no companions.
    """

    def is_heard(role: str) -> bool:
        part = ensemble.parts.get(role)
        if role == LEAD or part is None:
            return role == LEAD or not ensemble.companions
        return not _replaces(part) and part.playing(energy) != "tacet"

    return tuple(role if is_heard(role) else "" for role in own)


def _replaces(part: EnsemblePart | None) -> bool:
    """Return True if a part's companion replaces what the lead has composed for its role.

    Chords and the lower parts of a chorale are composed best by the voice that composes them with
    its melody.
    """
    return part is not None and part.companion not in {"", HARMONY, HYMNAL}


def _of(part: int, notes: Sequence[Note]) -> Notes:
    return tuple(note for note in notes if note.channel == part)


def _order(note: Note) -> tuple[int, int, int]:
    return note.onset, note.channel, -note.pitch
