"""OSC messages that report the events of the player to listeners. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stream.ensembles.remote import public_name
from stream.osc.commands import PREFIX
from stream.osc.decoding import Message
from stream.osc.redaction import without_folder, without_folders

MOST_MESSAGES = 64
"""Most messages for one event."""

FACTS = ("key", "meter", "kind", "set")
"""Members of a phrase that say what is known of its tune."""


class EventMessages:
    """Keeps the state that was announced, to announce changes, and all of it to a new listener."""

    def __init__(self) -> None:
        self._state: dict[str, tuple[Any, ...]] = {}

    def state(self) -> list[Message]:
        """Return a message for each part of the state."""
        return [(f"{PREFIX}state/{name}", values) for name, values in self._state.items()]

    def of(self, event: Mapping[str, Any]) -> list[Message]:
        """Return the messages for an event; an unknown event has none."""
        changed = {
            name: values for name, values in _state(event) if self._state.get(name) != values
        }
        self._state |= changed
        messages = [(f"{PREFIX}state/{name}", values) for name, values in changed.items()]
        if isinstance(event.get("notice"), str):
            messages.append((f"{PREFIX}notice", (without_folders(event["notice"]),)))
        if isinstance(event.get("phrase"), dict):
            messages.append((f"{PREFIX}phrase", _phrase(event["phrase"])))
        return messages[:MOST_MESSAGES]


def _state(event: Mapping[str, Any]) -> Iterator[Message]:
    """Yield the name and the values of each part of the state that an event reports."""
    controls = event.get("controls")
    for name, value in controls.items() if isinstance(controls, dict) else ():
        if _has_type(value):
            yield name, (public_name(str(value)) if name == "ensemble" else value,)
    if isinstance(event.get("playing"), bool):
        yield "play", (int(event["playing"]),)
    outputs = event.get("outputs")
    if isinstance(outputs, list):
        yield "out", tuple(without_folder(name) for name in outputs if isinstance(name, str))
    hello = event.get("hello")
    if isinstance(hello, dict) and isinstance(hello.get("voice"), str):
        yield "voice", (hello["voice"],)


def _phrase(phrase: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what is known of a phrase and its tune.

    These are index, tune, style, bpm, count of notes, ensemble, energy, key, meter, kind and set.
    """
    notes = phrase.get("notes")
    names = ("index", "tune", "style", "bpm", "ensemble", "energy", *FACTS)
    values = [phrase.get(name) for name in names]
    known = [value if _has_type(value) else "" for value in values]
    return (*known[:4], len(notes) if isinstance(notes, list) else 0, *known[4:])


def _has_type(value: object) -> bool:
    """Return whether OSC has a type for the value; its whole numbers have four bytes."""
    if isinstance(value, int):
        return abs(value) < 2**31
    return isinstance(value, str | float)
