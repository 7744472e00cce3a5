"""An output that drops everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from stream.play.timing.scheduler import TimedMessage


class NullSink(Sink):
    """Accepts every message and drops it."""

    def _write(self, timed: TimedMessage) -> None:
        """Drop the message."""
