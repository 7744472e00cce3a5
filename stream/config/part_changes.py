"""Syntax of changes to parts: `bass=off,drums=2` silences the bass and moves the drums."""

from __future__ import annotations

from collections.abc import Mapping

from stream.errors import SettingsError
from stream.music.part import ROLES
from stream.util.suggestion import did_you_mean, meant

OFF = 0
"""Channel of a part that is silent."""
CHANNELS = range(1, 17)


def parse_parts(text: str, origin: str = "parts") -> Mapping[str, int]:
    """Return the channel (1-16) of each part that the text names, `OFF` for a silent one.

    Raises `SettingsError` for an unknown or repeated part, or an invalid channel; its message opens
    with `origin`.
    """
    found: dict[str, int] = {}
    for change in filter(None, (each.strip() for each in text.split(","))):
        typed, _, value = (word.strip() for word in change.partition("="))
        role = meant(typed, ROLES)
        if role not in ROLES or role in found:
            hint = "" if role in found else did_you_mean(typed, ROLES)
            why = "given twice" if role in found else "not a part"
            raise SettingsError(
                f"{origin} {change[:80]!r}: {typed[:40]!r} is {why}; give each of"
                f" {', '.join(ROLES)} a channel or off, such as bass=off{hint}"
            )
        if value != "off" and value not in {str(number) for number in CHANNELS}:
            raise SettingsError(
                f"{origin} {change[:80]!r}: {value[:40]!r} is neither off nor a whole number from"
                f" {CHANNELS[0]} to {CHANNELS[-1]}; write {role}=off or {role}=2"
            )
        found[role] = OFF if value == "off" else int(value)
    return found


def with_switch(text: str, role: str, *, plays: bool) -> str:
    """Return the changes with a part turned on or off; a part that plays keeps its channel."""
    changes = parse_parts(text)
    if not plays:
        return _written({**changes, role: OFF})
    return _written({name: to for name, to in changes.items() if name != role or to != OFF})


def canonical_parts(text: str, origin: str) -> str:
    """Return the changes in the order of the parts; equal changes give equal texts."""
    return _written(parse_parts(text, origin))


def _written(changes: Mapping[str, int]) -> str:
    return ",".join(f"{role}={changes[role] or 'off'}" for role in ROLES if role in changes)
