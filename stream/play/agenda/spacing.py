"""Silence between tunes: each begins a given time after the one before, or when that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream.play.playback import Playback

LEAD_SECONDS = 6.0
"""Seconds before a tune's time at which it is requested."""


class Spacing:
    """Spaces tunes by `minutes`; 0 lets one follow the other."""

    def __init__(self, performance: Playback, minutes: float) -> None:
        self._performance = performance
        self._seconds = 60 * minutes
        self._tune_began = 0.0
        self._until: float | None = None

    @property
    def resting(self) -> bool:
        """True while the next tune is not requested yet, because it is not time."""
        return self._until is not None

    @property
    def deadline(self) -> float | None:
        """Time at which the next tune is requested (s, monotonic); None if nothing rests."""
        return None if self._until is None else self._until - LEAD_SECONDS

    def tune_began(self, at: float) -> None:
        """Note the start of a tune (s)."""
        self._tune_began = at

    def end(self) -> None:
        """Let the next tune begin at once."""
        self._until, self._performance.refill.earliest = None, 0.0
        self._tune_began = -self._seconds

    def step(self) -> bool:
        """Begin or end a rest, if it is time. Return True at its end."""
        performance = self._performance
        now, refill = performance.clock(), performance.refill
        if self._until is not None:
            if now < self._until - LEAD_SECONDS:
                return False
            refill.earliest, self._until = self._until, None
            return True
        if not self._seconds or not performance.begun or performance.transport.paused_at:
            return False
        if refill.at_tune_end and refill.earliest <= now:
            opening = refill.next_opening(now)
            until = self._seconds + (opening.start if opening else self._tune_began)
            if until > performance.queue.end:
                self._until = until
        return False
