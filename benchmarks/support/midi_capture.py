"""An independent MIDI capture at the end of a line: every byte and its time of arrival."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import threading
import time
from typing import Self

from benchmarks.support.pty_line import Line
from stream.util.realtime import real_time

STATUS, KIND_MASK, NOTE_ON = 0x80, 0xF0, 0x90


class MidiCapture:
    """Captures in a thread with real-time priority, so that it does not measure its own delay."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._chunks: list[tuple[float, bytes]] = []
        self._end = os.eventfd(0)
        self._thread = threading.Thread(target=self._capture)

    @property
    def data(self) -> bytes:
        """All bytes that arrived."""
        return b"".join(chunk for _, chunk in tuple(self._chunks))

    @property
    def stamps(self) -> list[float]:
        """Times of arrival of the status byte of each message (s, monotonic)."""
        return [at for at, chunk in tuple(self._chunks) for byte in chunk if byte & STATUS]

    @property
    def note_ons(self) -> list[float]:
        """Times of arrival of the messages that begin a note (s, monotonic)."""
        return [
            at for at, chunk in tuple(self._chunks) for byte in chunk if byte & KIND_MASK == NOTE_ON
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.eventfd_write(self._end, 1)
        self._thread.join()
        os.close(self._end)

    def _capture(self) -> None:
        line, end = self._line, self._end
        gc.disable()
        with contextlib.suppress(OSError), real_time():
            while line in (ready := select.select([line, end], [], [])[0]) or end not in ready:
                at = time.monotonic()
                self._chunks.append((at, os.read(line.master, 4096)))
        gc.enable()
