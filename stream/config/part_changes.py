"""Syntax of changes to parts: `bass=off,drums=2,lead=70%`.

The example silences the bass, moves the drums to channel 2, and makes the lead softer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from stream.errors import SettingsError
from stream.music.part import ROLES
from stream.util.suggestion import did_you_mean, meant

OFF = 0
"""Channel of a part that is silent."""
CHANNELS = range(1, 17)
LEVELS = range(151)
"""Levels of a part, in percent of the level that its ensemble gives it."""
USUAL_LEVEL = 100

_LEVEL = re.compile(r"([0-9]{1,3})\s*%")


class _Changes(NamedTuple):
    """Changes of one text, by role: a part may have a channel, a level, or both."""

    channels: dict[str, int]
    levels: dict[str, int]


def parse_parts(text: str, origin: str = "parts") -> Mapping[str, int]:
    """Return the channel (1-16) of each part that the text moves, `OFF` for a silent one.

    Raises `SettingsError` for an unknown or repeated part, or an invalid channel or level; its
    message opens with `origin`.
    """
    return _parsed(text, origin).channels


def part_levels(text: str, origin: str = "parts") -> Mapping[str, int]:
    """Return the level of each part that the text makes softer or louder, in percent.

    Raises `SettingsError` as `parse_parts` does.
    """
    return _parsed(text, origin).levels


def with_switch(text: str, role: str, *, plays: bool) -> str:
    """Return the changes with a part turned on or off; a part that plays keeps its channel."""
    channels, levels = _parsed(text, "parts")
    if not plays:
        return _written(_Changes({**channels, role: OFF}, levels))
    kept = {name: to for name, to in channels.items() if name != role or to != OFF}
    return _written(_Changes(kept, levels))


def canonical_parts(text: str, origin: str) -> str:
    """Return the changes in the order of the parts; equal changes give equal texts."""
    return _written(_parsed(text, origin))


def _parsed(text: str, origin: str) -> _Changes:
    found = _Changes({}, {})
    for change in filter(None, (each.strip() for each in text.split(","))):
        typed, _, value = (word.strip() for word in change.partition("="))
        role = meant(typed, ROLES)
        kind = found.levels if value.endswith("%") else found.channels
        if role not in ROLES or role in kind:
            hint = "" if role in kind else did_you_mean(typed, ROLES)
            why = "given twice" if role in kind else "not a part"
            raise SettingsError(
                f"{origin} {change[:80]!r}: {typed[:40]!r} is {why}; give each of"
                f" {', '.join(ROLES)} a channel, off or a level, such as bass=off{hint}"
            )
        kind[role] = _value(role, value, f"{origin} {change[:80]!r}")
    return found


def _value(role: str, value: str, origin: str) -> int:
    """Return the channel or the level that was typed for a part."""
    level = _LEVEL.fullmatch(value)
    if level and int(level[1]) in LEVELS:
        return int(level[1])
    if value == "off":
        return OFF
    if value not in {str(number) for number in CHANNELS}:
        raise SettingsError(
            f"{origin}: {value[:40]!r} is neither off nor a whole number from {CHANNELS[0]} to"
            f" {CHANNELS[-1]}, nor a level from {LEVELS[0]}% to {LEVELS[-1]}%; write {role}=off,"
            f" {role}=2 or {role}=70%"
        )
    return int(value)


def _written(changes: _Changes) -> str:
    words = []
    for role in ROLES:
        if role in changes.channels:
            words.append(f"{role}={changes.channels[role] or 'off'}")
        if changes.levels.get(role, USUAL_LEVEL) != USUAL_LEVEL:
            words.append(f"{role}={changes.levels[role]}%")
    return ",".join(words)
