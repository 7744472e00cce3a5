"""What a command of a hand may hold. A check gives its value back, or raises `ValueError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream.checked import Check, fields, flag, items, line, number, shown, table, whole

TIME = number(0, 1e12)
"""Seconds, monotonic."""


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


COMMANDS: Mapping[str, Check] = {
    "set": wishes,
    "play": flag,
    "next": anything,
    "panic": anything,
    "save": number(0, 1e6),
    "stars": whole(1, 5),
    "out": items(line, 1, 16),
    "voice": line,
    "cc": table(line, whole(0, 127), 128),
    "midi": items(whole(0, 255), 1, 3),
    "heard": whole_of({"notes": items(played, 1, 1000), "end": TIME}),
    "follow": whole_of({"time": TIME, "beat": number(-1e9, 1e9), "bpm": number(20, 400)}),
    "start": TIME,
    "continue": TIME,
    "stop": anything,
    "notice": line,
}


def checked(command: Mapping[str, Any]) -> dict[str, Any]:
    """The command made fit, without its `id`. Raises `ValueError`."""
    wanted = {name: value for name, value in command.items() if name != "id"}
    return fields(wanted, COMMANDS)
