"""The messages that set up the instruments of an ensemble, and the roles behind each channel."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from mido import Message

from stream.ensembles.ensemble import DRUM_CHANNEL
from stream.music.part import DRUMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stream.ensembles.ensemble import Ensemble, EnsemblePart

LEVEL, PAN = 7, 10
"""Controllers of the volume and of the place between left and right."""


def setup_messages(
    ensemble: Ensemble | None, previous: Ensemble | None = None
) -> tuple[Message, ...]:
    """Return program, level and pan of each part that does not sound as it did before.

    Both ensembles have the channels on which their parts sound (`stream.play.queue.routing`). None
    before means that nothing is known of the synthesizer. Parts that share a channel have the sound
    of the first of them. A part whose program is 0 is left as the synthesizer is set. Within an
    ensemble a part that is only softer or louder gets its level alone: a program may cut notes.
    """
    before = {} if previous is None else _by_channel(previous)
    same = ensemble is not None and previous is not None and ensemble.name == previous.name
    messages: list[Message] = []
    for channel, part in ({} if ensemble is None else _by_channel(ensemble)).items():
        old = before.get(channel)
        if _sound(part) == _sound(old):
            continue
        softer = same and old is not None and _sound(part) == _sound(_with_level(old, part.level))
        messages += [_level(part)] if softer else _setup(part)
    return tuple(messages)


def channel_roles(ensemble: Ensemble | None) -> Mapping[int, tuple[str, ...]]:
    """Return the roles of the parts that play on each channel (0-15)."""
    roles: dict[int, tuple[str, ...]] = {}
    for role, part in ({} if ensemble is None else ensemble.parts).items():
        roles[part.channel - 1] = (*roles.get(part.channel - 1, ()), role)
    return roles


def _by_channel(ensemble: Ensemble) -> dict[int, EnsemblePart]:
    found: dict[int, EnsemblePart] = {}
    for part in ensemble.parts.values():
        if part.program:
            found.setdefault(part.channel, part)
    return found


def _sound(part: EnsemblePart | None) -> tuple[int, int, int, int] | None:
    return None if part is None else (part.channel, _program(part), part.level, part.pan)


def _program(part: EnsemblePart) -> int:
    """Return the program of a part, 1-128; 0 if its channel has programs of another kind.

    The programs of drums are kits on the drum channel, and instruments on all others.
    """
    return part.program if (part.role == DRUMS) == (part.channel == DRUM_CHANNEL) else 0


def _with_level(part: EnsemblePart, level: int) -> EnsemblePart:
    return dataclasses.replace(part, level=level)


def _setup(part: EnsemblePart) -> list[Message]:
    channel, program = part.channel - 1, _program(part)
    return [
        *([Message("program_change", channel=channel, program=program - 1)] if program else ()),
        _level(part),
        Message("control_change", channel=channel, control=PAN, value=part.pan),
    ]


def _level(part: EnsemblePart) -> Message:
    return Message("control_change", channel=part.channel - 1, control=LEVEL, value=part.level)
