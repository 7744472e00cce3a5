"""Signals that end a performance, as a file that `select` can wait for."""

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
    """A file that is readable once a signal with a handler has been received."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.requested = False
        """True once one of `STOP_SIGNALS` has been received."""

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._file

    def clear(self) -> None:
        """Be readable no more until the next signal, such as Ctrl-Z, which does not end it."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._file, 64)

    def request(self, _signal: int, _frame: FrameType | None) -> None:
        """Store the signal, which the player acts on within a few milliseconds."""
        self.requested = True


@contextlib.contextmanager
def stop_signals() -> Iterator[Stop]:
    """Store the signals inside the block instead of ending the program. Main thread only."""
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
