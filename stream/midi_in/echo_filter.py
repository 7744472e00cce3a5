"""Feedback: an input that hears what we send, because somebody has wired it so. Times are given.

What comes back is told from what a person plays by our own notes: an echo has their pitches, their
channels and, but for the way it took, their times.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

LATEST_SECONDS = 0.06
"""An echo comes back so long after its note at most ..."""
EARLIEST_SECONDS = 0.005
"""... and before it only by what clocks differ."""
WINDOW, MATCHES = 8, 6
"""So many of the last incoming notes give an echo away."""
CALM_SECONDS = 10.0
"""Without any match, and the echo is over."""
MOST_NOTES = 4096
"""Of ours that are remembered."""

Own = tuple[float, int, int]
"""Onset (s), channel, pitch."""


class EchoFilter:
    """Compares what comes in with what went out."""

    def __init__(self) -> None:
        self._own: deque[Own] = deque(maxlen=MOST_NOTES)
        self._matches: deque[bool] = deque(maxlen=WINDOW)
        self._until: float | None = None

    @property
    def there(self) -> bool:
        """Whether what comes in is an echo."""
        return self._until is not None

    @property
    def deadline(self) -> float | None:
        """When the echo is over unless it is heard again (s)."""
        return self._until

    def sends(self, notes: Iterable[Own]) -> None:
        """We send these, now or later."""
        self._own.extend(notes)

    def cut(self, time: float) -> None:
        """What begins at `time` (s) or later is not sent after all."""
        self._keep([own for own in self._own if own[0] < time])

    def moved(self, time: float, delay: float) -> None:
        """What begins at `time` (s) or later is sent `delay` later."""
        self._keep([(t + delay, c, p) if t >= time else (t, c, p) for t, c, p in self._own])

    def note_on(self, time: float, channel: int, pitch: int) -> bool:
        """A note came in. Whether it matches one of ours."""
        self._keep([own for own in self._own if own[0] >= time - LATEST_SECONDS])
        match = any(
            (c, p) == (channel, pitch) and -EARLIEST_SECONDS <= time - t <= LATEST_SECONDS
            for t, c, p in self._own
        )
        self._matches.append(match)
        if match and (self.there or sum(self._matches) >= MATCHES):
            self._until = time + CALM_SECONDS
        return match

    def due(self, time: float) -> bool:
        """Whether the echo is over at `time` (s), and was not before."""
        if self._until is None or time < self._until:
            return False
        self._until = None
        self._matches.clear()
        return True

    def _keep(self, own: Sequence[Own]) -> None:
        self._own.clear()
        self._own.extend(own)
