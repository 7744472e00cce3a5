"""A recording: a Standard MIDI File that can be played at any moment while it grows.

While it grows it is of format 0: one track at 480 ticks a quarter note. Events gather in memory
until `flush` passes them to a thread that adds them to the file. When it is closed it becomes of
format 1, with a named track for each part, in one step: a power cut leaves one or the other.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mido.midifiles.meta import encode_variable_int

from stream.errors import SinkError
from stream.music import midi_tracks
from stream.play.recording.growing_midi_file import FILE_TICKS_PER_BEAT, GrowingTrack
from stream.play.recording.writer_thread import WriterThread
from stream.play.sinks.base import Sink, disk_errors
from stream.util import atomic_write
from stream.util.unused_name import numbered, unused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.play.timing.scheduler import TimedMessage

DEFAULT_TEMPO = 500_000
"""Microseconds a quarter note, until the file says otherwise."""


class MidiFileSink(Sink):
    """Records to `path`, or to an unused name beside it if that exists.

    The first flush with an event creates the file. What a flush has taken is on the disk about a
    second later, and stays playable whatever happens. Raises `SinkError`; errors of the disk are
    raised by a later flush. After `close` and another `connect` the recording continues at its end,
    after a rest.
    """

    can_continue = True

    def __init__(self, path: Path) -> None:
        try:
            self._target = Path(os.path.realpath(path))
            atomic_write.check(self._target)
            free = unused(self._target)
        except OSError as error:
            raise SinkError(
                f"--out file:{path}: the recording cannot be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        super().__init__(f"file:{path if free == self._target else _as_named(path, free)}")
        self._events = bytearray()
        self._begun = False
        self._tick = 0
        self._tempo = DEFAULT_TEMPO
        self._tempo_time: float | None = None
        self._tempo_tick = 0
        self._track = GrowingTrack(free, lambda _: numbered(self._target))
        self._names: dict[int, tuple[str, ...]] = {}
        """Roles of the parts that have played on each channel."""
        self._divided = b""
        """Digest of the closed file; empty while it grows."""
        self._writer: WriterThread[bytes] | None = None
        if free != self._target:
            self.notices.append(f"{path} exists and is kept; recording to {self.name}")

    @property
    def target(self) -> str:
        return f"file:{self._target}"

    def connect(self) -> None:
        with disk_errors(self, "recorded"):
            self._join()
            self._track.check()
            self._started_writer()
        self._closed = False

    def flush(self, time: float) -> None:
        """Pass on the music up to `time` (s), even in the middle of a note. Does not wait."""
        super().flush(time)
        if not (self._begun or self._events):
            return
        tick = max(self._ticks(time), self._tick)
        if not self._events and tick == self._tick:
            return
        self._events += bytes(encode_variable_int(tick - self._tick))
        with disk_errors(self, "recorded"):
            self._started_writer().put(bytes(self._events))
        self._events.clear()
        self._begun = True
        self._tick = tick

    def _started_writer(self) -> WriterThread[bytes]:
        """Return the writer, whose thread lives from `connect` or the first flush to `close`."""
        if self._writer is None:
            self._writer = WriterThread(self._write_parts)
        return self._writer

    def _write_parts(self, parts: Sequence[bytes]) -> None:
        """Write parts; called by the thread. Raises `OSError`."""
        track = self._track
        before, restored = track.path, track.restored
        track.grow(parts)
        if track.path != before:
            self.name = f"file:{track.path}"
            self.notices.append(
                f"{before} was created by another program; recording to {track.path}"
            )
        elif track.restored > restored:
            self.notices.append(f"{before} was removed during recording; it is written again")

    def _ticks(self, time: float) -> int:
        """Return the file's tick at `time` (s); the first message is at tick 0."""
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
        if timed.message.type == "set_tempo":
            self._tempo, self._tempo_time = timed.message.tempo, timed.time
            self._tempo_tick = self._tick

    def _write(self, timed: TimedMessage) -> None:
        before = self._names.get(timed.message.channel, ())
        if not set(timed.roles) <= set(before):
            self._names[timed.message.channel] = tuple(dict.fromkeys((*before, *timed.roles)))
        self._append(timed)

    def _release(self) -> None:
        try:
            self.flush(self._time)
        finally:
            writer, self._writer = self._writer, None
            with contextlib.closing(self._track), disk_errors(self, "recorded"):
                if writer is not None:
                    writer.close()
            if self._begun:
                self._divide()

    def _divide(self) -> None:
        """Make the closed file one of a track for each part; it stays one track if it cannot be."""
        try:
            found = midi_tracks.divided(self._track.path.read_bytes(), self.names)
            atomic_write.replace_durably(self._track.path, found)
            self._divided = hashlib.sha256(found).digest()
        except (OSError, ValueError) as error:
            self.notices.append(f"{self.name}: stays a file of one track ({error})")

    def _join(self) -> None:
        """Make the closed file one that can grow. Raises `OSError` if it has changed."""
        if not self._divided:
            return
        found = self._track.path.read_bytes()
        if hashlib.sha256(found).digest() != self._divided:
            raise OSError(errno.ESTALE, "the file was changed by another program")
        self._track.adopt(midi_tracks.joined(found))
        self._divided = b""

    @property
    def names(self) -> dict[int, str]:
        """Name of the track of each channel (0-15) whose parts are known."""
        return {channel: ", ".join(roles) for channel, roles in self._names.items() if roles}


def _as_named(path: Path, free: Path) -> Path:
    """Return the free path in the folder as the listener named it, if it is the same folder."""
    return path.with_name(free.name) if path.parent.resolve() == free.parent else free
