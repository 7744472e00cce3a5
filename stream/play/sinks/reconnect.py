"""Connects lost outputs again, in a thread of its own: opening a device may take seconds."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.recording.writer_thread import start_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.sinks.base import Sink

POLL_SECONDS = 0.25
"""Seconds between two attempts to connect, and between two checks of a polled output."""
CLOSE_SECONDS = 1.0
"""Seconds that the thread gets to end; a device that hangs while it opens is left behind."""


@dataclass(frozen=True, slots=True)
class ReconnectResult:
    """Reports that an output is connected again, or (`connected` False) that it was lost."""

    sink: Sink
    connected: bool


class Reconnector:
    """Owns the outputs passed to `reconnect` or `connect` until `results` reports them."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[ReconnectResult] = queue.SimpleQueue()
        self._eventfd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread: threading.Thread | None = None
        self._absent: list[Sink] = []
        self._polled: list[Sink] = []
        self._failed = False

    def fileno(self) -> int:
        """Return the file that is readable when there are results."""
        return self._eventfd

    def reconnect(self, sink: Sink) -> None:
        """Release the lost output, then try to connect it until that succeeds."""
        self._add_job(partial(self._release, sink))

    def connect(self, sink: Sink) -> None:
        """Try to connect an output for the first time, until that succeeds."""
        sink.prepare()
        self._add_job(partial(self._absent.append, sink))

    def close_sink(self, sink: Sink) -> None:
        """Close the output, and do not connect it again."""
        self._add_job(partial(self._close, sink))

    def poll(self, sink: Sink) -> None:
        """Check the output regularly, and report its loss."""
        self._add_job(partial(self._polled.append, sink))

    def results(self) -> list[ReconnectResult]:
        """Return what has happened since the last call; never waits.

        Raises `RuntimeError` if the thread has crashed: nothing lost would ever be connected again.
        """
        if self._failed:
            raise RuntimeError("lost outputs cannot be connected again; see the error above")
        if self._eventfd >= 0:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._eventfd)
        return [self._results.get_nowait() for _ in range(self._results.qsize())]

    def close(self) -> None:
        """End the thread, unless a call hangs. The last results stay available."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(CLOSE_SECONDS)
            if self._thread.is_alive():
                return  # it may still write to the eventfd
        os.close(self._eventfd)
        self._eventfd = -1

    def wake(self) -> None:
        """Start the thread if jobs wait: the system may have had no thread left before."""
        if self._thread is None and not self._jobs.empty():
            thread = threading.Thread(target=self._run, name="reconnect", daemon=True)
            with contextlib.suppress(OSError):
                start_thread(thread)
                self._thread = thread

    def _add_job(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)
        self.wake()

    def _run(self) -> None:
        finished = False
        try:
            self._work()
            finished = True
        finally:
            if not finished:
                self._failed = True
                os.eventfd_write(self._eventfd, 1)

    def _work(self) -> None:
        while True:
            timeout = POLL_SECONDS if self._absent or self._polled else None
            try:
                job = self._jobs.get(timeout=timeout)
            except queue.Empty:
                self._check_alive()
                self._try_connecting()
                continue
            if job is None:
                return
            job()

    def _release(self, sink: Sink) -> None:
        self._stop_polling(sink)
        with contextlib.suppress(SinkError):
            sink.lose()
        self._absent.append(sink)

    def _close(self, sink: Sink) -> None:
        self._stop_polling(sink)
        self._absent[:] = [other for other in self._absent if other is not sink]
        with contextlib.suppress(SinkError):
            sink.close()

    def _stop_polling(self, sink: Sink) -> None:
        self._polled[:] = [other for other in self._polled if other is not sink]

    def _check_alive(self) -> None:
        for sink in tuple(self._polled):
            if not sink.alive():
                self._polled.remove(sink)
                self._report(ReconnectResult(sink, connected=False))

    def _try_connecting(self) -> None:
        for sink in tuple(self._absent):
            try:
                sink.connect()
            except SinkError:
                continue
            self._absent.remove(sink)
            self._report(ReconnectResult(sink, connected=True))

    def _report(self, result: ReconnectResult) -> None:
        self._results.put(result)
        os.eventfd_write(self._eventfd, 1)
