"""A recording: a Standard MIDI File that can be played at any moment while it grows.

It is format 0: one track at 480 ticks a beat. Events gather in memory for a phrase; `flush` then
writes them, an end-of-track behind them, and the new length into the track's header. The next
phrase overwrites that end-of-track.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from mido.midifiles.meta import encode_variable_int

from stream.errors import SinkError
from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.scheduler import TimedMessage

FILE_TICKS_PER_BEAT = 480
HEADER = struct.pack(">4sLHHH4sL", b"MThd", 6, 0, 1, FILE_TICKS_PER_BEAT, b"MTrk", 0)
LENGTH_AT = len(HEADER) - 4
DEFAULT_TEMPO = 500_000
"""Microseconds a beat, until the file says otherwise."""


class MidiFileSink(Sink):
    """Records to `path`. What was there stays until the first event; raises `SinkError`."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"file:{path}")
        self._events = bytearray()
        self._end = len(HEADER)
        self._begun = False
        self._tick = 0
        self._tempo = DEFAULT_TEMPO
        self._tempo_time: float | None = None
        self._tempo_tick = 0
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise SinkError(
                f"--out {self.name}: the recording can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error

    def flush(self, time: float) -> None:
        """Make the file whole up to `time` (s)."""
        super().flush(time)
        tail = bytes([*encode_variable_int(max(self._ticks(time) - self._tick, 0)), 0xFF, 0x2F, 0])
        body = bytes(self._events)
        try:
            self._begin()
            self._put(body + tail, self._end)
            self._end += len(body)
            self._events.clear()
            length = self._end - len(HEADER) + len(tail)
            self._put(struct.pack(">L", length), LENGTH_AT)
            os.truncate(self._file, len(HEADER) + length)
        except OSError as error:
            raise SinkError(
                f"{self.name}: lost ({error.strerror}); what was recorded before is kept",
            ) from error

    def _begin(self) -> None:
        if not self._begun:
            os.truncate(self._file, 0)
            self._put(HEADER, 0)
            self._begun = True

    def _put(self, data: bytes, offset: int) -> None:
        while data:
            written = os.pwrite(self._file, data, offset)
            data, offset = data[written:], offset + written

    def _ticks(self, time: float) -> int:
        """The file's tick at `time` (s); the first message is at tick 0."""
        if self._tempo_time is None:
            self._tempo_time = time
        beats = (time - self._tempo_time) * 1e6 / self._tempo
        return self._tempo_tick + round(beats * FILE_TICKS_PER_BEAT)

    def _append(self, timed: TimedMessage) -> None:
        tick = max(self._ticks(timed.time), self._tick)
        self._events += bytes(encode_variable_int(tick - self._tick)) + timed.data
        self._tick = tick

    def _mark(self, timed: TimedMessage) -> None:
        self._append(timed)
        self._tempo, self._tempo_time = timed.message.tempo, timed.time
        self._tempo_tick = self._tick

    def _write(self, timed: TimedMessage) -> None:
        self._append(timed)

    def _release(self) -> None:
        try:
            self.flush(self._time)
        finally:
            os.close(self._file)
