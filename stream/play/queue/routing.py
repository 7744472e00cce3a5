"""The channels on which the parts of a phrase sound, with an ensemble. Pure functions.

A composed note has the number of its part as its channel. The ensemble gives each role a channel, a
range and a sound; a profile and the control `parts` may change channel and level, or silence it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stream.config.part_changes import OFF, USUAL_LEVEL, parse_parts, part_levels
from stream.ensembles.ensemble import DRUM_CHANNEL
from stream.music.part import COMPANION_PARTS, DRUMS, LEAD, ROLES
from stream.music.scale import folded
from stream.profiles.fit import fitted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from stream.ensembles.ensemble import Ensemble, EnsemblePart
    from stream.ensembles.library import Ensembles
    from stream.music.note import Controls, Note, Phrase
    from stream.profiles.profile import Profile

COMPANION_ROLES = {number: role for role, number in COMPANION_PARTS.items()}
"""Role of each part that companions compose, by its number."""
CHANNELS = range(1, 17)
SAME_CHANNELS = tuple(CHANNELS)
"""Channels of parts that have their channels already."""
UNKNOWN_PROGRAM = 0
"""Program of a part whose sound is set on the synthesizer, or by its profile."""
LOUDEST = 127
"""The highest velocity, and the highest value of the controller of the volume."""


def role_of(part: int, roles: Sequence[str]) -> str:
    """Return the role of a composed part; empty for one that a companion replaces.

    `roles` are those of the parts that the lead voice composed itself.
    """
    if part in COMPANION_ROLES:
        return COMPANION_ROLES[part]
    return roles[part] if part < len(roles) else LEAD


def route(
    source: Phrase, controls: Controls, profile: Profile | None, ensembles: Ensembles
) -> Ensemble | None:
    """Return the routed ensemble of a composed phrase; None if it has none.

    Raises `SettingsError` for malformed controls.
    """
    ensemble = ensembles.named(source.ensemble)
    if ensemble is None:
        return None
    changes, levels = parse_parts(controls.parts), part_levels(controls.parts)
    return leveled(routed(ensemble, source.roles, changes, profile), levels)


def routed(
    ensemble: Ensemble,
    roles: Sequence[str],
    changes: Mapping[str, int],
    profile: Profile | None = None,
) -> Ensemble:
    """Return the ensemble with the parts that sound, and the channel on which each does.

    A part of the lead voice that the ensemble does not have sounds like the lead, on a channel of
    its own. `changes` are those of the control `parts`. On a synthesizer with a profile all pitched
    parts play on its channels, with its own sounds; one of a single voice plays none of the
    companions' parts. Drums play there only on a channel that `changes` names.
    """
    known = _with_own(ensemble, roles)
    parts: dict[str, EnsemblePart] = {}
    for role, part in known.items():
        channel = changes.get(role)
        if channel is None:
            channel = _channel(part, roles, profile) if profile else part.channel
        if channel != OFF:
            program = UNKNOWN_PROGRAM if profile and profile.name else part.program
            parts[role] = dataclasses.replace(part, channel=channel, program=program)
    return dataclasses.replace(ensemble, parts=parts)


def leveled(ensemble: Ensemble, levels: Mapping[str, int]) -> Ensemble:
    """Return the routed ensemble with its levels scaled by these percentages, by role.

    A part whose program is unknown keeps its level, because no volume is sent for it
    (`stream.play.timing.instrument_messages`): `with_velocities` makes its notes softer.
    """
    if levels.keys().isdisjoint(ensemble.parts):
        return ensemble
    parts = dict(ensemble.parts)
    for role, percent in levels.items():
        part = parts.get(role)
        if part is not None and part.program != UNKNOWN_PROGRAM:
            parts[role] = dataclasses.replace(part, level=_scaled(part.level, percent))
    return dataclasses.replace(ensemble, parts=parts)


def with_velocities(phrase: Phrase, ensemble: Ensemble, levels: Mapping[str, int]) -> Phrase:
    """Return a phrase of composed parts with the levels of parts of unknown program as velocities.

    General MIDI gives velocities and volumes the same curve, so a percentage means the same.
    """
    roles = {part.role for part in ensemble.parts.values() if part.program == UNKNOWN_PROGRAM}
    if roles.isdisjoint(levels):
        return phrase
    notes = []
    for note in phrase.notes:
        role = role_of(note.channel, phrase.roles)
        percent = levels.get(role, USUAL_LEVEL) if role in roles else USUAL_LEVEL
        if velocity := _scaled(note.velocity, percent):
            notes.append(dataclasses.replace(note, velocity=velocity))
    return dataclasses.replace(phrase, notes=tuple(notes))


def _scaled(value: int, percent: int) -> int:
    return min(round(value * percent / USUAL_LEVEL), LOUDEST)


def on_channels(phrase: Phrase, ensemble: Ensemble, profile: Profile | None = None) -> Phrase:
    """Return a phrase of composed parts as the routed ensemble sounds it.

    Pitched notes are moved by octaves into the range of their part; silent parts are left out.
    """
    fits: list[Note] = []
    others: list[Note] = []
    for note in phrase.notes:
        part = ensemble.parts.get(role_of(note.channel, phrase.roles))
        if part is None or part.role in phrase.silent:
            continue
        if part.role == DRUMS:
            others.append(dataclasses.replace(note, channel=part.channel - 1))
            continue
        pitch = folded(note.pitch, part.low, part.high)
        own = profile is not None and part.channel - 1 in profile.channels
        placed = dataclasses.replace(note, pitch=pitch, channel=part.channel - 1)
        (fits if own else others).append(placed)
    if profile is not None:
        playing = dataclasses.replace(phrase, notes=tuple(fits))
        fits = list(fitted(playing, dataclasses.replace(profile, parts=SAME_CHANNELS)).notes)
    notes = sorted((*fits, *others), key=lambda note: note.onset)
    return dataclasses.replace(phrase, notes=tuple(notes))


def _with_own(ensemble: Ensemble, roles: Sequence[str]) -> dict[str, EnsemblePart]:
    """Return the parts of the ensemble, and those that the lead voice adds, by role."""
    parts = dict(ensemble.parts)
    for number, role in enumerate(roles, 1):
        if role and role not in parts:
            taken = {part.channel for part in parts.values()}
            lead = parts[LEAD]
            channel = _free(number, taken)
            parts[role] = dataclasses.replace(lead, role=role, channel=channel)
    return {role: parts[role] for role in ROLES if role in parts}


def _free(number: int, taken: Collection[int]) -> int:
    """Return the channel of that number, or else the first free one."""
    free = [channel for channel in CHANNELS if channel not in (*taken, DRUM_CHANNEL)]
    return number if number in free or not free else free[0]


def _channel(part: EnsemblePart, roles: Sequence[str], profile: Profile) -> int:
    """Return the channel of a part on a synthesizer; `OFF` for one that it does not play."""
    if part.role in (roles or (LEAD,)):
        return profile.channel_of((roles or (LEAD,)).index(part.role)) + 1
    if not profile.name:
        return part.channel  # a profile made of channels alone
    return OFF if part.role == DRUMS or profile.polyphony == 1 else profile.channel
