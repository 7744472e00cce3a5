"""Commands that wait a moment, so that a flood of them becomes a few: the last value wins. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REST_SECONDS = 0.02
"""Between two lots of commands: a fader is heard 50 times a second."""
JOINED = frozenset({"set", "cc"})
"""Kinds of commands of which several are one: for different controls."""
MOST_SENDERS = 8
"""Who are told of a refusal."""


@dataclass(slots=True)
class Entry:
    """A command, and who has asked for it."""

    command: dict[str, Any]
    senders: list[Any] = field(default_factory=list)


class CoalescingQueue:
    """Commands by their kind, in the order in which they were asked for last."""

    def __init__(self) -> None:
        self._waiting: dict[str, Entry] = {}
        self._next = 0.0

    def put(self, command: Mapping[str, Any], sender: Any) -> None:
        """Have a command of one member sent soon, with or instead of one of its kind."""
        ((kind, value),) = command.items()
        entry = self._waiting.pop(kind, None) or Entry({kind: value})
        before = entry.command[kind]
        if kind in JOINED and isinstance(before, dict) and isinstance(value, dict):
            entry.command[kind] = {**before, **value}
        else:
            entry.command[kind] = value
        if sender not in entry.senders:
            entry.senders = [*entry.senders, sender][-MOST_SENDERS:]
        self._waiting[kind] = entry

    def deadline(self) -> float | None:
        """When to `take` (s, monotonic); None: nothing waits."""
        return self._next if self._waiting else None

    def take(self, now: float) -> list[Entry]:
        """What is due at `now` (s, monotonic)."""
        if not self._waiting or now < self._next:
            return []
        entries = list(self._waiting.values())
        self._waiting.clear()
        self._next = now + REST_SECONDS
        return entries
