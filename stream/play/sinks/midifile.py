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

from stream.errors import SinkError
from stream.play.recording.growing_midi_file import FILE_TICKS_PER_BEAT, GrowingTrack
from stream.play.recording.writer_thread import WriterThread
from stream.play.sinks.base import Sink
from stream.util import atomic_write
from stream.util.unused_name import numbered, unused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stream.play.timing.scheduler import TimedMessage

DEFAULT_TEMPO = 500_000
"""Microseconds a beat, until the file says otherwise."""


class MidiFileSink(Sink):
    """Records to `path`, or to a new name beside it where something is there already.

    The file is made by the first flush with an event. What a flush has taken is on the disk about a
    second later, and stays playable whatever happens. Raises `SinkError`; one that comes from the
    disk is raised by a later flush. What comes after `close` and another `connect` goes behind what
    was recorded before, after a rest.
    """

    continues = True

    def __init__(self, path: Path) -> None:
        try:
            self._target = Path(os.path.realpath(path))
            atomic_write.check(self._target)
            free = unused(self._target)
        except OSError as error:
            raise SinkError(
                f"--out file:{path}: the recording can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        super().__init__(f"file:{path if free == self._target else _shown(path, free)}")
        self._events = bytearray()
        self._begun = False
        self._tick = 0
        self._tempo = DEFAULT_TEMPO
        self._tempo_time: float | None = None
        self._tempo_tick = 0
        self._track = GrowingTrack(free, lambda _: numbered(self._target))
        self._safekeeping: WriterThread[bytes] | None = None
        if free != self._target:
            self.notices.append(f"{path} is there already and stays; {self.name} is recorded to")

    @property
    def target(self) -> str:
        return f"file:{self._target}"

    def connect(self) -> None:
        with self._lost():
            self._track.check()
            self._keeper()
        self._closed = False

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
            self._keeper().put(bytes(self._events))
        self._events.clear()
        self._begun = True
        self._tick = tick

    def _keeper(self) -> WriterThread[bytes]:
        """Its thread lives from `connect`, or the first flush, to `close`."""
        if self._safekeeping is None:
            self._safekeeping = WriterThread(self._grow)
        return self._safekeeping

    def _grow(self, parts: Sequence[bytes]) -> None:
        """Have the thread write. Raises `OSError`."""
        track = self._track
        before, restored = track.path, track.restored
        track.grow(parts)
        if track.path != before:
            self.name = f"file:{track.path}"
            self.notices.append(f"{before} was made by somebody else; {track.path} is recorded to")
        elif track.restored > restored:
            self.notices.append(f"{before} was removed while it grew; all of it is written again")

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
            keeper, self._safekeeping = self._safekeeping, None
            with contextlib.closing(self._track), self._lost():
                if keeper is not None:
                    keeper.close()


def _shown(path: Path, free: Path) -> Path:
    """The free name as the listener would write it: in the folder that was named, if it fits."""
    return path.with_name(free.name) if path.parent.resolve() == free.parent else free
