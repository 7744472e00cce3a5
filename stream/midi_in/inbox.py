"""A queue into which threads put MIDI messages, with the time at which each came."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque

MOST = 8192
"""Number of messages in the queue, above which the oldest are dropped."""
CHUNK = 4096

Timed = tuple[float, bytes]
"""Time in seconds, monotonic, and one MIDI message."""


class Inbox:
    """A queue whose `put` suits any thread; `fileno` is readable while it holds messages."""

    def __init__(self) -> None:
        self._messages: deque[Timed] = deque(maxlen=MOST)
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._read

    def put(self, data: bytes) -> None:
        """Store a message that has come now."""
        self._messages.append((time.monotonic(), data))
        with contextlib.suppress(BlockingIOError):  # a full pipe is readable already
            os.write(self._write, b"\0")

    def drain(self) -> list[Timed]:
        """Return all messages that have come; never wait."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, CHUNK)
        found = []
        with contextlib.suppress(IndexError):
            while True:
                found.append(self._messages.popleft())
        return found

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)
