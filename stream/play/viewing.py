"""Shows a performance to its observer: each phrase that begins, and its state from time to time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.observer import Snapshot

if TYPE_CHECKING:
    from stream.play.observer import Observer
    from stream.play.playback import Playback
    from stream.play.sinks.router import Router


class Viewing:
    """The view of one observer."""

    def __init__(self, performance: Playback, outputs: Router, observer: Observer) -> None:
        self.due: float | None = performance.clock()
        """Time at which the observer wants to be refreshed (s, monotonic); None: never."""
        self._performance = performance
        self._outputs = outputs
        self._observer = observer

    def due_at(self, now: float) -> bool:
        """Return True if the observer wants to be refreshed by `now` (s)."""
        return self.due is not None and self.due <= now

    def phrase_started(self) -> None:
        """Tell that a phrase has begun."""
        self._observer.phrase_started(self._snapshot())

    def refresh(self) -> None:
        """Refresh the observer."""
        self.due = self._observer.refresh(self._snapshot())

    def _snapshot(self) -> Snapshot:
        performance, names = self._performance, self._outputs.names
        queue, stats, paused = performance.queue, performance.stats, performance.transport.paused_at
        stats.queue_seconds = queue.seconds(performance.transport.now())
        current, upcoming = queue.current, (*queue.upcoming,)
        return Snapshot(performance.clock(), current, upcoming, stats, names, paused)
