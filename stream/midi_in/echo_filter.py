"""Detects feedback: an input that receives the player's own notes; the caller gives all times.

An echo differs from what a person plays: it has the pitches, the channels and, except for a short
delay, the times of the player's own notes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

LATEST_SECONDS = 0.06
"""Longest delay of an echo (s)."""
EARLIEST_SECONDS = 0.005
"""Time by which an echo may precede its note (s), as clocks differ."""
WINDOW, MATCHES = 8, 6
"""Number of the last incoming notes that are compared, and of matches that make an echo."""
CALM_SECONDS = 10.0
"""Seconds without a match after which an echo is over."""
MOST_NOTES = 4096
"""Number of the player's own notes that are stored."""

OwnNote = tuple[float, int, int]
"""Onset (s), channel and pitch of a note of the player."""


class EchoFilter:
    """Compares incoming notes with the player's own."""

    def __init__(self) -> None:
        self._own: deque[OwnNote] = deque(maxlen=MOST_NOTES)
        self._matches: deque[bool] = deque(maxlen=WINDOW)
        self._until: float | None = None

    @property
    def detected(self) -> bool:
        """True while the input echoes the player's notes."""
        return self._until is not None

    @property
    def deadline(self) -> float | None:
        """Time at which the echo is over unless another match comes (s)."""
        return self._until

    def add(self, notes: Iterable[OwnNote]) -> None:
        """Store notes that the player sends, now or later."""
        self._own.extend(notes)

    def cut(self, time: float) -> None:
        """Remove the notes from `time` (s) on, which are not sent."""
        self._replace([own for own in self._own if own[0] < time])

    def move(self, time: float, delay: float) -> None:
        """Delay the notes from `time` (s) on by `delay` (s)."""
        self._replace([(t + delay, c, p) if t >= time else (t, c, p) for t, c, p in self._own])

    def note_on(self, time: float, channel: int, pitch: int) -> bool:
        """Note an incoming note. Return True if it matches one of the player's own."""
        self._replace([own for own in self._own if own[0] >= time - LATEST_SECONDS])
        matches = any(
            (c, p) == (channel, pitch) and -EARLIEST_SECONDS <= time - t <= LATEST_SECONDS
            for t, c, p in self._own
        )
        self._matches.append(matches)
        if matches and (self.detected or sum(self._matches) >= MATCHES):
            self._until = time + CALM_SECONDS
        return matches

    def due(self, time: float) -> bool:
        """End an echo that is over at `time` (s). Return True if there was one."""
        if self._until is None or time < self._until:
            return False
        self._until = None
        self._matches.clear()
        return True

    def _replace(self, own: Sequence[OwnNote]) -> None:
        self._own.clear()
        self._own.extend(own)
