"""What takes sound where there is no sound card: time itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue


class Pace:
    """Takes what a sound card would have taken, and drops it."""

    returns = False
    underflows = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self._queue: PcmQueue | None = None
        self._start = 0.0
        self._before = 0

    def connect(self, rates: Sequence[int]) -> int:
        """The first of the rates."""
        return rates[0]

    def start(self, queue: PcmQueue, now: float) -> None:
        """Take from `queue` from now on (s, monotonic)."""
        self._queue, self._start, self._before = queue, now, queue.pulled

    def tend(self, now: float) -> None:
        """Take what is due at `now` (s, monotonic)."""
        if self._queue is not None:
            due = self._before + int((now - self._start) * self._queue.rate)
            if due > self._queue.pulled:
                self._queue.pull(due - self._queue.pulled)

    def close(self) -> None:
        """Take no more."""
        self._queue = None
