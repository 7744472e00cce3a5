"""The parts of a phrase as they sound: role, MIDI channel and instrument of each. Pure.

The panel's roll, legend and synthesizer and the terminal's view are made from it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from stream.config.part_changes import OFF, parse_parts
from stream.ensembles.ensemble import Ensemble, EnsemblePart, load
from stream.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stream.music.note import Controls, Phrase

MOST_LOADED: Final = 16
"""Ensembles that are kept, so that a file is not read for each phrase and each frame."""


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


def parts_of(phrase: Phrase, controls: Controls | None = None) -> tuple[SoundingPart, ...]:
    """Return the parts of a phrase; without an ensemble those of the voice, as composed.

    `controls` are those by which the phrase was arranged. An ensemble whose file has gone, and
    changes to parts that are not valid, count as none.
    """
    ensemble = _loaded(phrase.ensemble) if phrase.ensemble else None
    if ensemble is None:
        named = ((role, part) for part, role in enumerate(phrase.roles) if role)
        return tuple(SoundingPart(role, part) for role, part in named)
    changes = _changes(controls.parts) if controls else {}
    return tuple(_changed(ensemble.parts.values(), changes))


def _changed(parts: Iterable[EnsemblePart], changes: Mapping[str, int]) -> Iterable[SoundingPart]:
    """Yield each part of an ensemble on its channel, or on the one that the listener chose."""
    for part in parts:
        channel = changes.get(part.role, part.channel)
        yield SoundingPart(
            part.role,
            (channel or part.channel) - 1,
            part.program,
            part.level,
            part.pan,
            channel == OFF,
        )


@lru_cache(maxsize=MOST_LOADED)
def _loaded(name: str) -> Ensemble | None:
    try:
        return load(name)
    except SettingsError:
        return None


@lru_cache(maxsize=MOST_LOADED)
def _changes(text: str) -> Mapping[str, int]:
    try:
        return parse_parts(text)
    except SettingsError:
        return {}
