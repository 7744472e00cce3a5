"""How often something may be done, by many together: each waits for its turn."""

from __future__ import annotations

import asyncio


class RateLimit:
    """So many turns `a_second`, and after a rest so many `at_once`."""

    def __init__(self, a_second: float, at_once: int) -> None:
        self._gap = 1.0 / a_second
        self._ahead = at_once * self._gap
        self._due = 0.0

    async def turn(self) -> None:
        """Wait for the next turn; in the order of asking."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - self._ahead) + self._gap
        if self._due > now:
            await asyncio.sleep(self._due - now)
