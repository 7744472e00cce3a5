"""The band: it gives a phrase of the lead voice the parts that an ensemble's companions compose."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stream.compose.companions.accompanied import Accompaniment, replaces
from stream.compose.companions.score import Notes
from stream.compose.tune_plan import TunePlan
from stream.ensembles.ensemble import Ensemble, load
from stream.music.energy import energy_at
from stream.music.note import Phrase, PhraseRequest
from stream.music.part import LEAD, own_roles
from stream.voices.spec import COMPANIONS

if TYPE_CHECKING:
    from stream.compose.companions.store import CompanionStore


class Band:
    """The companions of all ensembles that have played so far."""

    def __init__(self, folder: Path = COMPANIONS) -> None:
        self._folder = folder
        self._store: CompanionStore | None = None
        self._ensembles: dict[str, Ensemble] = {}

    def accompany(
        self,
        kind: str,
        request: PhraseRequest,
        plan: TunePlan,
        phrase: Phrase,
        chords: Notes = (),
    ) -> Accompaniment:
        """Return the lead's phrase with the parts of the ensemble; `kind` is that of the lead.

        `chords` are those of the phrase, if they are known.

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
        # The first phrase does not wait for these imports.
        from stream.compose.companions.arrangement import Arrangement
        from stream.compose.companions.store import CompanionStore

        self._store = self._store or CompanionStore(self._folder)
        return Arrangement(self._store, ensemble, request, plan, phrase).composed(own, chords)


def _heard(own: Sequence[str], ensemble: Ensemble, energy: float) -> tuple[str, ...]:
    """Return the roles of the lead's own parts; empty for one that is not heard.

    A part that the ensemble lacks is heard only if the ensemble has no companions.
    """

    def is_heard(role: str) -> bool:
        part = ensemble.parts.get(role)
        if role == LEAD or part is None:
            return role == LEAD or not ensemble.companions
        return not replaces(part) and part.playing(energy) != "tacet"

    return tuple(role if is_heard(role) else "" for role in own)
