"""Writes in a thread of its own, so that no note has to wait for the disk.

An SD card takes 10 to 1000 ms to store a few bytes safely.
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

PAUSE_SECONDS = 0.5
"""Seconds between two writes. What comes meanwhile is written at once: each write wears a card."""
CLOSE_SECONDS = 5.0
"""Seconds that the disk gets at the end; a disk that hangs is not waited for."""

Item = TypeVar("Item")


class WriterThread(Generic[Item]):
    """Passes what is `put` to `write`, in order, in a thread of its own. Raises `OSError`.

    The thread starts here. If that happens before the player asks for real-time priority, the
    thread has ordinary priority.
    """

    def __init__(self, write: Callable[[Sequence[Item]], None]) -> None:
        self._write = write
        self._waiting: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._error: OSError | None = None
        self._closing = threading.Event()
        # A daemon: after a crash it must not delay the exit; its files are complete at any moment.
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        start_thread(self._thread)

    def put(self, item: Item) -> None:
        """Have `item` written soon. Raises the `OSError` of an earlier write."""
        self._check()
        self._waiting.put(item)

    def close(self) -> None:
        """Wait until everything is written. Raises `OSError` on failure."""
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
                parts, ended = self._next_items()
                self._write(parts)
                if not ended:
                    self._closing.wait(PAUSE_SECONDS)
        except OSError as error:
            self._error = error

    def _next_items(self) -> tuple[list[Item], bool]:
        """Return all items that wait, and True at the end; wait for at least one item."""
        items: list[Item] = []
        item = self._waiting.get()
        with contextlib.suppress(queue.Empty):
            while item is not None:
                items.append(item)
                item = self._waiting.get_nowait()
            return items, True
        return items, False


def start_thread(thread: threading.Thread) -> None:
    """Start a thread. Raises `OSError` if the system cannot start another one."""
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
