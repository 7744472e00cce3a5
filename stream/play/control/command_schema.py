"""The schema of commands. A check returns its value, or raises `ValueError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream.util.validate import (
    Check,
    fields,
    flag,
    items,
    line,
    number,
    one_of,
    shown,
    table,
    whole,
)

TIME = number(0, 1e12)
"""Check of a time in seconds, monotonic."""
STARS = whole(1, 5)
MOST_TUNES = 2**53
CHANNEL_MESSAGES = {0x8: 3, 0x9: 3, 0xA: 3, 0xB: 3, 0xC: 2, 0xD: 2, 0xE: 3}
"""Number of bytes of a channel message by the high half of its status byte."""


def played_note(value: object) -> tuple[float, float, int, int]:
    """Return onset (s), duration (s), pitch and velocity of a note that a person has played."""
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError(f"{shown(value)} is not [onset, duration, pitch, velocity]")
    onset, duration, pitch, velocity = value
    return (
        TIME(onset),
        number(0, 600)(duration),
        whole(0, 127)(pitch),
        whole(1, 127)(velocity),
    )


def channel_message(value: object) -> tuple[int, ...]:
    """Return the bytes of one MIDI channel message."""
    message: tuple[int, ...] = items(whole(0, 255), 1, 3)(value)
    status, *data = message
    if CHANNEL_MESSAGES.get(status >> 4) != len(message) or any(byte > 127 for byte in data):
        raise ValueError(f"{shown(value)} is not a complete channel message")
    return message


def exact_fields(checks: Mapping[str, Check]) -> Check:
    """Return the check of an object that has exactly these members."""

    def check(value: object) -> dict[str, Any]:
        found = fields(value, checks)
        if missing := checks.keys() - found.keys():
            raise ValueError(f"{', '.join(sorted(missing))}: missing")
        return found

    return check


def anything(value: object) -> Any:
    """Accept any value."""
    return value


def controls(value: object) -> dict[str, Any]:
    """Return controls by name; their values are checked together with the settings."""
    return dict(table(line, anything, 64)(value))


def stars(value: object) -> dict[str, int]:
    """Return `stars` for the tune that sounds, or `stars` and the number of a `tune`."""
    if isinstance(value, dict):
        return dict(exact_fields({"stars": STARS, "tune": whole(0, MOST_TUNES)})(value))
    return {"stars": STARS(value)}


UNTIL_NEXT, FOLLOW = "until next", "follow"
"""Commands for the day: overrule its entry until the next one, or let it hold again."""
MOST_SLEEP = 24 * 60.0
"""Most minutes of the sleep timer."""


def keep(value: object) -> dict[str, int]:
    """Return the number of a `tune`; no member for the tune that sounds."""
    if isinstance(value, dict):
        return dict(exact_fields({"tune": whole(0, MOST_TUNES)})(value))
    return {}


COMMANDS: Mapping[str, Check] = {
    "set": controls,
    "play": flag,
    "next": anything,
    "sleep": number(0, MOST_SLEEP),
    "day": one_of((UNTIL_NEXT, FOLLOW)),
    "panic": anything,
    "save": number(0, 1e6),
    "stars": stars,
    "keep": keep,
    "again": line,
    "like": line,
    "unlike": line,
    "out": items(line, 1, 16),
    "voice": line,
    "cc": table(line, whole(0, 127), 128),
    "midi": channel_message,
    "call": exact_fields({"notes": items(played_note, 1, 1000), "end": TIME}),
    "live": exact_fields({"time": TIME, "pitch": whole(0, 127), "velocity": whole(0, 127)}),
    "follow": exact_fields({"time": TIME, "beat": number(-1e9, 1e9), "bpm": number(20, 400)}),
    "start": TIME,
    "continue": TIME,
    "stop": anything,
    "notice": line,
    "secret": line,
}


def checked(command: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked command without its `id`. Raises `ValueError`."""
    members = {name: value for name, value in command.items() if name != "id"}
    return fields(members, COMMANDS)
