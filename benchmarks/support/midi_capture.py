"""An independent listener at the end of a line: every byte, and when it came."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import threading
import time
from types import TracebackType
from typing import Self

from benchmarks.support.pty_line import Line
from stream.util.realtime import real_time


class Ear:
    """Listens in a thread, before all other work: it is to measure others, not itself."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._heard: list[tuple[float, bytes]] = []
        self._end = os.eventfd(0)
        self._thread = threading.Thread(target=self._listen)

    @property
    def data(self) -> bytes:
        """All that came."""
        return b"".join(chunk for _, chunk in tuple(self._heard))

    @property
    def stamps(self) -> list[float]:
        """When the last byte of each message, of three bytes, came (s, monotonic)."""
        stamps: list[float] = []
        rest = 0
        for at, chunk in tuple(self._heard):
            rest += len(chunk)
            stamps += [at] * (rest // 3)
            rest %= 3
        return stamps

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.eventfd_write(self._end, 1)
        self._thread.join()
        os.close(self._end)

    def _listen(self) -> None:
        line, end = self._line, self._end
        gc.disable()
        with contextlib.suppress(OSError), real_time():
            while line in (ready := select.select([line, end], [], [])[0]) or end not in ready:
                at = time.monotonic()
                self._heard.append((at, os.read(line.master, 4096)))
        gc.enable()
