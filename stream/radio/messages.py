"""The lines from the player to the radio.

A message is `{"midi": [time, "903c64"]}`, a title `{"title": [time, "folk: jig in D major, 6/8"]}`.
"""

from __future__ import annotations

import json
from typing import Any

from stream.radio.renderer import Event

LONGEST_TITLE = 200
MOST_TIME = 1e12
"""Largest time (s, monotonic)."""


def midi_line(time: float, data: bytes) -> bytes:
    """Return a channel message and its time (s, monotonic) as a line."""
    return b'{"midi":[%.6f,"%s"]}\n' % (time, data.hex().encode())


def title_line(time: float, title: str) -> bytes:
    """Return the title of a tune and the time (s, monotonic) from which it is valid as a line."""
    return json.dumps({"title": [time, title]}).encode() + b"\n"


def token_line(token: str) -> bytes:
    """Return the token as a line."""
    return json.dumps({"token": token}).encode() + b"\n"


def event_in(line: dict[str, Any]) -> Event | None:
    """Return the event in a line, or None."""
    for kind in ("midi", "title"):
        value = line.get(kind)
        if not isinstance(value, list) or len(value) != 2:
            continue
        time, content = value
        if not isinstance(time, int | float) or not 0 <= time <= MOST_TIME:
            continue
        if not isinstance(content, str):
            continue
        if kind == "title":
            return Event(time, title=content[:LONGEST_TITLE])
        return _midi(time, content)
    return None


def _midi(time: float, content: str) -> Event | None:
    try:
        data = bytes.fromhex(content)
    except ValueError:
        return None
    return Event(time, data) if data else None
