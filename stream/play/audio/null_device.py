"""What takes sound where there is no sound card: time itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File


class NullDevice:
    """Takes what a sound card would have taken, and drops it."""

    returns = False
    underflows = 0
    """Of time itself there are none."""

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

    @property
    def deadline(self) -> float | None:
        """When so much is due that others want to know (s, monotonic); None: when sound comes."""
        if self._queue is None or (left := self._queue.until_turn) is None:
            return None
        return self._start + (self._queue.pulled - self._before + left) / self._queue.rate

    def files(self) -> list[File]:
        """None: it has no thread that could tell of anything."""
        return []

    def tend(self, now: float) -> None:
        """Take what is due at `now` (s, monotonic); to be called before more sound is queued."""
        if self._queue is not None:
            due = self._before + round((now - self._start) * self._queue.rate)
            if due > self._queue.pulled:
                self._queue.pull(due - self._queue.pulled)

    def close(self) -> None:
        """Take no more."""
        self._queue = None
