"""A recording: a Standard MIDI File that can be played at any moment while it grows.

It is format 0: one track at 480 ticks a beat. Events gather in memory until `flush` hands them to
a thread that adds them to the file. A text without letters marks each flush, so that the bytes
depend on the music and the flushes alone, not on how fast the disk is.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mido.midifiles.meta import encode_variable_int

from stream import atomic
from stream.errors import SinkError
from stream.play.sinks.base import Sink
from stream.play.sinks.growing import FILE_TICKS_PER_BEAT, GrowingTrack
from stream.play.sinks.safekeeping import Safekeeping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.play.scheduler import TimedMessage

DEFAULT_TEMPO = 500_000
"""Microseconds a beat, until the file says otherwise."""


class MidiFileSink(Sink):
    """Records to `path`. What was there stays until the first flush with an event.

    What a flush has taken is on the disk about a second later, and stays playable whatever
    happens. Raises `SinkError`; one that comes from the disk is raised by a later flush.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"file:{path}")
        self._events = bytearray()
        self._begun = False
        self._tick = 0
        self._tempo = DEFAULT_TEMPO
        self._tempo_time: float | None = None
        self._tempo_tick = 0
        try:
            target = Path(os.path.realpath(path))
            atomic.check(target)
        except OSError as error:
            raise SinkError(
                f"--out {self.name}: the recording can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        self._track = GrowingTrack(target)
        self._safekeeping = Safekeeping(self._track.grow)

    def flush(self, time: float) -> None:
        """Hand over the music up to `time` (s), in the middle of a note too. Does not wait."""
        super().flush(time)
        if not (self._begun or self._events):
            return
        tick = max(self._ticks(time), self._tick)
        if not self._events and tick == self._tick:
            return
        self._events += bytes(encode_variable_int(tick - self._tick))
        with self._lost():
            self._safekeeping.put(bytes(self._events))
        self._events.clear()
        self._begun = True
        self._tick = tick

    @contextlib.contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SinkError(
                f"{self.name}: lost ({error.strerror}); what was recorded before is kept",
            ) from error

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
            with contextlib.closing(self._track), self._lost():
                self._safekeeping.close()
