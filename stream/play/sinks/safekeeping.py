"""Writing behind the music's back: a thread waits for the disk, so that no note has to.

An SD card takes 10 to 1000 ms to make a few bytes safe.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REST_SECONDS = 0.5
"""Between two writes. What comes meanwhile is written in one: a card wears out by the write."""
END = b""
"""Behind the last part."""


class Safekeeping:
    """Gives what is `put` to `keep`, in order, in a thread of its own.

    The thread is started here: where that is done before the player asks for real-time priority,
    the thread has none.
    """

    def __init__(self, keep: Callable[[Sequence[bytes]], None]) -> None:
        self._keep = keep
        self._waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._error: OSError | None = None
        self._closing = threading.Event()
        # A daemon: after an accident nobody closes it, and what it writes is whole at any moment.
        self._thread = threading.Thread(target=self._run, name="safekeeping", daemon=True)
        self._thread.start()

    def put(self, part: bytes) -> None:
        """Have `part`, which is not empty, kept soon. Raises the `OSError` that one before met."""
        self._check()
        self._waiting.put(part)

    def close(self) -> None:
        """Wait until all is kept. Raises `OSError` if it is not."""
        self._waiting.put(END)
        self._closing.set()
        self._thread.join()
        self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while all(parts := self._taken()):
                self._keep(parts)
                self._closing.wait(REST_SECONDS)
            self._keep(parts[:-1])
        except OSError as error:
            self._error = error

    def _taken(self) -> list[bytes]:
        """All that waits, one part at least; `END` can only be the last."""
        taken = [self._waiting.get()]
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._waiting.get_nowait())
        return taken
