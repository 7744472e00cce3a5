"""The parts of a phrase as they sound: role, MIDI channel and instrument of each. Pure.

The panel's roll, legend and synthesizer and the terminal's view are made from it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from stream.config.part_changes import OFF, parse_parts
from stream.ensembles.ensemble import EnsemblePart, load
from stream.errors import SettingsError
from stream.music.part import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Phrase

MOST_LOADED: Final = 16
"""Ensembles that are kept, so that a file is not read for each phrase."""


class SoundingPart(NamedTuple):
    """One part of a phrase, as it sounds."""

    role: str
    channel: int
    """MIDI channel of its notes, 0-15, as in `Note.channel`."""
    program: int = 0
    """Program of General MIDI, 1-128; 0 if the ensemble does not say."""
    level: int = 100
    """Volume, 0-127."""
    pan: int = 64
    """Place between left (0) and right (127)."""
    silent: bool = False
    """True for a part that the listener has turned off."""
    rests: bool = False
    """True for a part that plays nothing in this phrase, because of its energy."""


def parts_of(
    phrase: Phrase, ensemble: Ensemble | None, changes: str = ""
) -> tuple[SoundingPart, ...]:
    """Return the parts of an arranged phrase, in the order of `ROLES`.

    `ensemble` is the one of the phrase with the channels on which its parts sound; without it, the
    parts are those of the voice, as composed. `changes` is the control `parts`: a part that it
    turns off is in the ensemble's file only, which may have gone.
    """
    if ensemble is None:
        named = ((role, part) for part, role in enumerate(phrase.roles) if role)
        return tuple(SoundingPart(role, part) for role, part in named)
    playing = {note.channel for note in phrase.notes}
    found = {
        role: _part(part)._replace(rests=part.channel - 1 not in playing)
        for role, part in ensemble.parts.items()
    }
    for role, part in _silenced(ensemble.name, changes).items():
        found.setdefault(role, _part(part)._replace(silent=True))
    return tuple(found[role] for role in ROLES if role in found)


def _part(part: EnsemblePart) -> SoundingPart:
    return SoundingPart(part.role, part.channel - 1, part.program, part.level, part.pan)


@lru_cache(maxsize=MOST_LOADED)
def _silenced(ensemble: str, changes: str) -> Mapping[str, EnsemblePart]:
    """Return the parts of an ensemble's file that the control `parts` turns off."""
    try:
        off = {role for role, channel in parse_parts(changes).items() if channel == OFF}
        parts = load(ensemble).parts if off else {}
    except SettingsError:
        return {}
    return {role: part for role, part in parts.items() if role in off}
