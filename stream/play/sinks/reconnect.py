"""Bringing lost outputs back, in a thread of its own: to open a device may take seconds."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.recording.writer_thread import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.sinks.base import Sink

BEAT_SECONDS = 0.25
"""From one attempt to the next, and from one heartbeat to the next."""
CLOSE_SECONDS = 1.0
"""Given to the thread to end; a device that hangs while it opens is left behind."""


@dataclass(frozen=True, slots=True)
class ReconnectResult:
    """An output is connected again, or (`connected` False) has no pulse any more."""

    sink: Sink
    connected: bool


class Reconnector:
    """Owns the outputs it was given to `seek`, until `news` tells that they are connected."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[ReconnectResult] = queue.SimpleQueue()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread: threading.Thread | None = None
        self._sought: list[Sink] = []
        self._watched: list[Sink] = []
        self._failed = False

    def fileno(self) -> int:
        """Readable when there is news."""
        return self._bell

    def seek(self, sink: Sink) -> None:
        """Let the lost output go, then try to connect it until it is there."""
        self._order(partial(self._lose, sink))

    def find(self, sink: Sink) -> None:
        """Try to connect the output, which never was, until it is there."""
        sink.prepare()
        self._order(partial(self._sought.append, sink))

    def dismiss(self, sink: Sink) -> None:
        """Let the output go for good."""
        self._order(partial(self._close, sink))

    def watch(self, sink: Sink) -> None:
        """Tell when the output has no pulse any more."""
        self._order(partial(self._watched.append, sink))

    def news(self) -> list[ReconnectResult]:
        """What has happened since the last call; never waits.

        Raises `RuntimeError` where the thread has ended by a fault: nothing lost would ever return.
        """
        if self._failed:
            raise RuntimeError("lost outputs can not be found again; the fault is told above")
        if self._bell >= 0:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._bell)
        return [self._news.get_nowait() for _ in range(self._news.qsize())]

    def close(self) -> None:
        """End the thread; whatever hangs in it is left behind. The last news can still be had."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join(CLOSE_SECONDS)
            if self._thread.is_alive():
                return  # it may yet ring
        os.close(self._bell)
        self._bell = -1

    def wake(self) -> None:
        """Have the thread do what it was ordered, if the system has had none left before."""
        if self._thread is None and not self._orders.empty():
            thread = threading.Thread(target=self._run, name="reconnect", daemon=True)
            with contextlib.suppress(OSError):
                started(thread)
                self._thread = thread

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        self.wake()

    def _run(self) -> None:
        finished = False
        try:
            self._work()
            finished = True
        finally:
            if not finished:
                self._failed = True
                os.eventfd_write(self._bell, 1)

    def _work(self) -> None:
        while True:
            pause = BEAT_SECONDS if self._sought or self._watched else None
            try:
                order = self._orders.get(timeout=pause)
            except queue.Empty:
                self._feel()
                self._try()
                continue
            if order is None:
                return
            order()

    def _lose(self, sink: Sink) -> None:
        self._unwatch(sink)
        with contextlib.suppress(SinkError):
            sink.lose()
        self._sought.append(sink)

    def _close(self, sink: Sink) -> None:
        self._unwatch(sink)
        self._sought[:] = [each for each in self._sought if each is not sink]
        with contextlib.suppress(SinkError):
            sink.close()

    def _unwatch(self, sink: Sink) -> None:
        self._watched[:] = [each for each in self._watched if each is not sink]

    def _feel(self) -> None:
        for sink in tuple(self._watched):
            if not sink.alive():
                self._watched.remove(sink)
                self._tell(ReconnectResult(sink, connected=False))

    def _try(self) -> None:
        for sink in tuple(self._sought):
            try:
                sink.connect()
            except SinkError:
                continue
            self._sought.remove(sink)
            self._tell(ReconnectResult(sink, connected=True))

    def _tell(self, news: ReconnectResult) -> None:
        self._news.put(news)
        os.eventfd_write(self._bell, 1)
