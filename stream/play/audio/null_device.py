"""An audio device without a sound card: it takes sound at the pace of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File


class NullDevice:
    """Takes sound as a sound card would, and drops it."""

    may_return = False
    underflows = 0
    """Times it was late: never."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._queue: PcmQueue | None = None
        self._start = 0.0
        self._pulled_before = 0

    def connect(self, rates: Sequence[int]) -> int:
        """Return the first of the rates."""
        return rates[0]

    def start(self, queue: PcmQueue, now: float) -> None:
        """Take from `queue` from now on (s, monotonic)."""
        self._queue, self._start, self._pulled_before = queue, now, queue.pulled

    @property
    def deadline(self) -> float | None:
        """Time of the queue's next transition (s, monotonic); None: it waits for more sound."""
        if self._queue is None or (frames := self._queue.until_transition) is None:
            return None
        return self._start + (self._queue.pulled - self._pulled_before + frames) / self._queue.rate

    def files(self) -> list[File]:
        """Return no files: there is no thread that could report anything."""
        return []

    def maintain(self, now: float) -> None:
        """Take what is due at `now` (s, monotonic); call it before more sound is queued."""
        if self._queue is not None:
            due = self._pulled_before + round((now - self._start) * self._queue.rate)
            if due > self._queue.pulled:
                self._queue.pull(due - self._queue.pulled)

    def close(self) -> None:
        """Stop taking sound."""
        self._queue = None
