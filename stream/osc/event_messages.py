"""What listeners are told of the player's events, as OSC messages. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stream.osc.commands import PREFIX
from stream.osc.redaction import named, without_folders

MOST_MESSAGES = 64
"""Out of one event."""
Report = tuple[str, tuple[Any, ...]]


class EventMessages:
    """Remembers how things stand, to tell what changes, and all of it to a new listener."""

    def __init__(self) -> None:
        self._state: dict[str, tuple[Any, ...]] = {}

    def state(self) -> list[Report]:
        """All that is known."""
        return [(f"{PREFIX}state/{name}", values) for name, values in self._state.items()]

    def of(self, event: Mapping[str, Any]) -> list[Report]:
        """The messages for an event; an event of another form has none."""
        changed = {
            name: values for name, values in _state(event) if self._state.get(name) != values
        }
        self._state |= changed
        reports = [(f"{PREFIX}state/{name}", values) for name, values in changed.items()]
        if isinstance(event.get("notice"), str):
            reports.append((f"{PREFIX}notice", (without_folders(event["notice"]),)))
        if isinstance(event.get("phrase"), dict):
            reports.append((f"{PREFIX}phrase", _phrase(event["phrase"])))
        return reports[:MOST_MESSAGES]


def _state(event: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    controls = event.get("controls")
    for name, value in controls.items() if isinstance(controls, dict) else ():
        if _plain(value):
            yield name, (value,)
    if isinstance(event.get("playing"), bool):
        yield "play", (int(event["playing"]),)
    outputs = event.get("outputs")
    if isinstance(outputs, list):
        yield "out", tuple(named(name) for name in outputs if isinstance(name, str))
    hello = event.get("hello")
    if isinstance(hello, dict) and isinstance(hello.get("voice"), str):
        yield "voice", (hello["voice"],)


def _phrase(phrase: Mapping[str, Any]) -> tuple[Any, ...]:
    """Index, tune, style, bpm, notes."""
    notes = phrase.get("notes")
    values = [phrase.get(name) for name in ("index", "tune", "style", "bpm")]
    facts = [value if _plain(value) else "" for value in values]
    return (*facts, len(notes) if isinstance(notes, list) else 0)


def _plain(value: object) -> bool:
    """Whether OSC has a type for it; whole numbers have four bytes there."""
    if isinstance(value, int):
        return abs(value) < 2**31
    return isinstance(value, str | float)
