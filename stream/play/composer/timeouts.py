"""The timeouts of a composer process: for loading its voice, and for an answer."""

from __future__ import annotations

READY_SECONDS = 60.0
"""Seconds for the first composer to load its voice, from a slow card on a slow board."""
READY_TIMES = 5.0
"""Factor from the last loading time to the next timeout: the voice is in the cache now."""
HANG_SECONDS = 2.0
"""Seconds for an answer; each hang doubles them, since a composer may only be slow for a while."""
BAND_SECONDS = 8.0
"""The same for a composer of ensembles: a slow board loads several companions for one answer."""
LONGEST_SECONDS = 64.0
"""Bound of the seconds for an answer."""


class Timeouts:
    """Timeouts of a composer process, adapted to the times that its predecessors took.

    `answer` are the seconds for an answer, before any hang; None: `HANG_SECONDS`.
    """

    def __init__(self, answer: float | None = None) -> None:
        self._usual = HANG_SECONDS if answer is None else answer
        self.ready = READY_SECONDS
        """Seconds from its start until it is ready."""
        self.answer = self._usual
        """Seconds from a request to its answer."""

    def started_within(self, seconds: float) -> None:
        """Learn how long a composer took to load its voice."""
        self.ready = max(READY_TIMES * seconds, HANG_SECONDS)

    def answered_within(self, seconds: float) -> None:
        """Learn how long an answer took."""
        if seconds < self._usual:
            self.answer = self._usual

    def timed_out(self) -> None:
        """Give the next composer more time."""
        self.answer = min(2 * self.answer, LONGEST_SECONDS)
        self.ready = max(self.ready, READY_SECONDS)
