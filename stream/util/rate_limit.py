"""A rate limit: a number of turns a second on average, and a burst of them after a pause. Pure."""

from __future__ import annotations

ROUNDING_SECONDS = 1e-9
"""Tolerance for the rounding of sums of gaps."""


class RateLimit:
    """Turns at `per_second`, of which `burst` may come at once (a virtual scheduling algorithm).

    The caller gives all times (s, monotonic).
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._gap = 1.0 / per_second
        self._ahead = burst * self._gap
        self._due = float("-inf")
        """Time of the last turn, if all turns had been evenly spaced."""

    def allows(self, now: float) -> bool:
        """Return True, and use a turn, if one is free at `now`."""
        due = self._next(now)
        if due > now + ROUNDING_SECONDS:
            return False
        self._due = due
        return True

    def reserve(self, now: float) -> float:
        """Reserve the next turn; return the seconds from `now` until it."""
        self._due = self._next(now)
        return max(self._due - now, 0.0)

    def _next(self, now: float) -> float:
        return max(self._due, now - self._ahead) + self._gap
