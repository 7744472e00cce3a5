"""What a command of a hand may hold. A check gives its value back, or raises `ValueError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream.util.validate import Check, fields, flag, items, line, number, shown, table, whole

TIME = number(0, 1e12)
"""Seconds, monotonic."""
STARS = whole(1, 5)
MOST_TUNES = 2**53
CHANNEL_MESSAGES = {0x8: 3, 0x9: 3, 0xA: 3, 0xB: 3, 0xC: 2, 0xD: 2, 0xE: 3}
"""Bytes of each kind of message for a channel."""


def played(value: object) -> tuple[float, float, int, int]:
    """Onset (s), duration (s), pitch and velocity of a note that a person has played."""
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError(f"{shown(value)} is no [onset, duration, pitch, velocity]")
    onset, duration, pitch, velocity = value
    return (
        TIME(onset),
        number(0, 600)(duration),
        whole(0, 127)(pitch),
        whole(1, 127)(velocity),
    )


def channel_message(value: object) -> tuple[int, ...]:
    """The bytes of one MIDI message for a channel."""
    message: tuple[int, ...] = items(whole(0, 255), 1, 3)(value)
    status, *data = message
    if CHANNEL_MESSAGES.get(status >> 4) != len(message) or any(byte > 127 for byte in data):
        raise ValueError(f"{shown(value)} is no whole message for a channel")
    return message


def whole_of(checks: Mapping[str, Check]) -> Check:
    """An object that has all of these members, and no others."""

    def check(value: object) -> dict[str, Any]:
        found = fields(value, checks)
        if missing := checks.keys() - found.keys():
            raise ValueError(f"{', '.join(sorted(missing))}: missing")
        return found

    return check


def anything(value: object) -> Any:
    """A value that nobody looks at."""
    return value


def wishes(value: object) -> dict[str, Any]:
    """Controls by name; their values are checked where settings are."""
    return dict(table(line, anything, 64)(value))


def stars(value: object) -> dict[str, int]:
    """Stars for the tune that sounds, or for a `tune` by its number, as `stars` and `tune`."""
    if isinstance(value, dict):
        return dict(whole_of({"stars": STARS, "tune": whole(0, MOST_TUNES)})(value))
    return {"stars": STARS(value)}


COMMANDS: Mapping[str, Check] = {
    "set": wishes,
    "play": flag,
    "next": anything,
    "panic": anything,
    "save": number(0, 1e6),
    "stars": stars,
    "out": items(line, 1, 16),
    "voice": line,
    "cc": table(line, whole(0, 127), 128),
    "midi": channel_message,
    "heard": whole_of({"notes": items(played, 1, 1000), "end": TIME}),
    "follow": whole_of({"time": TIME, "beat": number(-1e9, 1e9), "bpm": number(20, 400)}),
    "start": TIME,
    "continue": TIME,
    "stop": anything,
    "notice": line,
    "secret": line,
}


def checked(command: Mapping[str, Any]) -> dict[str, Any]:
    """The command made fit, without its `id`. Raises `ValueError`."""
    wanted = {name: value for name, value in command.items() if name != "id"}
    return fields(wanted, COMMANDS)
