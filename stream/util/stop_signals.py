"""Signals that end a performance, as something `select` can wait for."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether one of `STOP_SIGNALS` has come."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.requested = False

    def fileno(self) -> int:
        """Readable once a signal has come."""
        return self._file

    def request(self, _signal: int, _frame: FrameType | None) -> None:
        """Note the signal; the driver ends in its own time, which is a few milliseconds."""
        self.requested = True


@contextlib.contextmanager
def stop_signals() -> Iterator[Stop]:
    """Inside the block the signals are noted instead of obeyed. Main thread only."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    stop = Stop(reader)
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, stop.request) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(reader)
        os.close(writer)
