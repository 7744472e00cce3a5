"""Writing behind the music's back: a thread waits for the disk, so that no note has to.

An SD card takes 10 to 1000 ms to make a few bytes safe.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REST_SECONDS = 0.5
"""Between two writes. What comes meanwhile is written in one: a card wears out by the write."""
CLOSE_SECONDS = 5.0
"""Given to the disk at the end; one that hangs is not waited for."""

Item = TypeVar("Item")


class WriterThread(Generic[Item]):
    """Gives what is `put` to `keep`, in order, in a thread of its own. Raises `OSError`.

    The thread is started here: where that is done before the player asks for real-time priority,
    the thread has none.
    """

    def __init__(self, keep: Callable[[Sequence[Item]], None]) -> None:
        self._keep = keep
        self._waiting: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._error: OSError | None = None
        self._closing = threading.Event()
        # A daemon: after an accident nobody closes it, and what it writes is whole at any moment.
        self._thread = threading.Thread(target=self._run, name="safekeeping", daemon=True)
        started(self._thread)

    def put(self, part: Item) -> None:
        """Have `part` kept soon. Raises the `OSError` that one before met."""
        self._check()
        self._waiting.put(part)

    def close(self) -> None:
        """Wait until all is kept. Raises `OSError` if it is not."""
        self._waiting.put(None)
        self._closing.set()
        self._thread.join(CLOSE_SECONDS)
        self._check()
        if self._thread.is_alive():
            raise OSError(errno.ETIMEDOUT, f"the disk does not answer for {CLOSE_SECONDS:g} s")

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            ended = False
            while not ended:
                parts, ended = self._taken()
                self._keep(parts)
                if not ended:
                    self._closing.wait(REST_SECONDS)
        except OSError as error:
            self._error = error

    def _taken(self) -> tuple[list[Item], bool]:
        """All that waits, and whether that is the end; waits for something."""
        taken: list[Item] = []
        part = self._waiting.get()
        with contextlib.suppress(queue.Empty):
            while part is not None:
                taken.append(part)
                part = self._waiting.get_nowait()
            return taken, True
        return taken, False


def started(thread: threading.Thread) -> None:
    """Start a thread. Raises `OSError` where the system has none left."""
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
