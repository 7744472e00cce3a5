"""Queue that merges a flood of commands into a few: the last value wins. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BATCH_SECONDS = 0.02
"""Seconds between two batches of commands: a fader takes effect 50 times per second."""
MERGED = frozenset({"set", "cc"})
"""Kinds of commands that are merged, since each may set other controls."""
MOST_SENDERS = 8
"""Most senders per command that are notified of a refusal."""


@dataclass(slots=True)
class Entry:
    """A command and the addresses of its senders."""

    command: dict[str, Any]
    senders: list[Any] = field(default_factory=list)


class CoalescingQueue:
    """Commands by kind, in the order of their last requests."""

    def __init__(self) -> None:
        self._waiting: dict[str, Entry] = {}
        self._next = 0.0

    def put(self, command: Mapping[str, Any], sender: Any) -> None:
        """Queue a command of one member; it is merged with, or replaces, one of the same kind."""
        ((kind, value),) = command.items()
        entry = self._waiting.pop(kind, None) or Entry({kind: value})
        before = entry.command[kind]
        if kind in MERGED and isinstance(before, dict) and isinstance(value, dict):
            entry.command[kind] = {**before, **value}
        else:
            entry.command[kind] = value
        if sender not in entry.senders:
            entry.senders = [*entry.senders, sender][-MOST_SENDERS:]
        self._waiting[kind] = entry

    def deadline(self) -> float | None:
        """Return when to call `pop_due` (s, monotonic), or None if the queue is empty."""
        return self._next if self._waiting else None

    def pop_due(self, now: float) -> list[Entry]:
        """Return the entries that are due at `now` (s, monotonic)."""
        if not self._waiting or now < self._next:
            return []
        entries = list(self._waiting.values())
        self._waiting.clear()
        self._next = now + BATCH_SECONDS
        return entries
