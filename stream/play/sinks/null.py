"""The output that is none."""

from __future__ import annotations

from typing import Any

from stream.play.sinks.base import Sink


class NullSink(Sink):
    """Takes everything, keeps nothing."""

    def _write(self, message: Any, time: float) -> None:
        """Drop the message."""
