"""The output that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from stream.play.timing.scheduler import TimedMessage


class NullSink(Sink):
    """Takes everything, keeps nothing."""

    def _write(self, timed: TimedMessage) -> None:
        """Drop the message."""
