"""Base class of all outputs: it tracks the active notes, and ends them all."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING

from mido import Message

from stream.config.output_parts import ALL, with_parts
from stream.errors import SinkError
from stream.play.sinks.stored_settings import StoredSettings
from stream.play.timing.scheduler import OFF, TimedMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stream.util.event_wait import File

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
CHANNELS = range(16)
SYSTEM = frozenset({"clock", "start", "stop", "continue", "songpos"})
"""Types of messages without a channel."""
UNNOTICED_SECONDS = 2.0
"""Seconds before a loss was noticed in which messages, note ends included, may not have arrived."""


class Sink:
    """An output that receives messages when they are due.

    A subclass overrides `_write`, `connect` and `_release`, and raises only `SinkError`.
    """

    may_return = False
    """True if a lost output of this kind may be connected again."""
    outlives_player = False
    """True if its notes sound on when this process is killed."""
    needs_polling = False
    """True if only `alive` finds out that the output is lost."""
    clocked = False
    """True if the device can follow a MIDI clock."""
    can_continue = False
    """True if `connect` after `close` continues after what was recorded before."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Name of the output as the listener knows it: `port:UM-ONE`."""
        self.parts = ALL
        """Roles of the parts that it plays; empty: all."""
        self.notices: deque[str] = deque()
        """Messages for the listener, one line each; the reader removes them."""
        self._active_notes: set[tuple[int, int]] = set()
        self._channels: set[int] = set()
        self._ended: dict[tuple[int, int], float] = {}
        """Time at which the end of each note was sent last."""
        self._settings = StoredSettings()
        self._time = 0.0
        self._closed = False

    @property
    def greeting(self) -> str:
        """A line for the owner alone at the start, such as an address with a token; or empty."""
        return ""

    @property
    def spec(self) -> str:
        """Its name and its parts, as `--out` names them."""
        return with_parts(self.name, self.parts)

    @property
    def target(self) -> str:
        """The device behind the output, equal for different spellings of its name."""
        return self.name

    def fits(self, requested: Sink) -> bool:
        """Return True if this output is what the unconnected output `requested` asks for."""
        return self.target == requested.target

    def connect(self) -> None:
        """Open the device, for the first time or again. Raises `SinkError`; may take long."""

    def prepare(self) -> None:
        """Start what `connect` would wait for; from now on `connect` fails instead of waiting."""

    def watched(self) -> tuple[File, ...]:
        """Return the files that become readable when something happens to the device."""
        return ()

    def check(self) -> None:
        """Handle a watched file that is readable. Raises `SinkError` if the output is lost."""

    def alive(self) -> bool:
        """Return True if the device has worked since the last call; any thread may call this."""
        return True

    def send(self, timed: TimedMessage) -> None:
        """Send a message. Raises `SinkError` if the output is lost."""
        message = timed.message
        self._time = timed.time
        if message.type in SYSTEM:
            if self.clocked:
                self._write(timed)
            return
        if message.is_meta:
            self._mark(timed)
            return
        if not self._plays(timed):
            return
        self._channels.add(message.channel)
        self._settings.store(timed)
        if message.type == "note_on":
            self._active_notes.add((message.channel, message.note))
        self._write(timed)
        if message.type == "note_off":
            key = (message.channel, message.note)
            self._active_notes.discard(key)
            self._ended[key] = timed.time

    def skip(self, timed: TimedMessage) -> None:
        """Store the setting in a message that the device misses because it is not connected."""
        if not timed.message.is_meta and timed.message.type not in SYSTEM and self._plays(timed):
            self._settings.store(timed)

    def flush(self, time: float) -> None:
        """Save what was sent so far, up to `time` (s). Raises `SinkError`."""
        self._time = max(self._time, time)

    def silence(self, time: float = 0.0) -> None:
        """End all active notes, then reset the used channels. Raises `SinkError`.

        A recording writes this at `time` (s), but not before the last message.
        """
        self._time = max(self._time, time)
        for channel, pitch in sorted(self._active_notes):
            off = Message("note_off", channel=channel, note=pitch, velocity=0)
            self._write_first(TimedMessage(self._time, OFF, off))
        for channel in sorted(self._channels):
            for control in (SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF):
                reset = Message("control_change", channel=channel, control=control, value=0)
                self._write_first(TimedMessage(self._time, OFF, reset))
        self._active_notes.clear()
        self._channels.clear()

    def adopt(self, active_notes: Iterable[tuple[int, int]]) -> None:
        """Take over another player's active notes (channel, pitch), and all channels."""
        self._active_notes |= set(active_notes)
        self._channels |= set(CHANNELS)

    def resume(self, time: float) -> None:
        """Continue after `connect`: end the notes from before the loss, then restore the settings.

        Raises `SinkError` if the output is lost again.
        """
        unnoticed_from = self._time - UNNOTICED_SECONDS
        self._active_notes |= {key for key, ended in self._ended.items() if ended >= unnoticed_from}
        self.silence(time)
        for timed in self._settings:
            self._write(TimedMessage(self._time, OFF, timed.message))

    def lose(self) -> None:
        """Release a lost device; it may be connected again. Raises `SinkError`; may take long."""
        self._release()

    def close(self) -> None:
        """Silence and release the output; calling it again is harmless. Raises `SinkError`."""
        if self._closed:
            return
        self._closed = True
        try:
            self.silence()
        finally:
            self._release()

    def _plays(self, timed: TimedMessage) -> bool:
        """Return True for a message of one of its parts, or of no part, or a note that sounds."""
        if not self.parts or not timed.roles or not self.parts.isdisjoint(timed.roles):
            return True
        message = timed.message
        ends = message.type == "note_off"
        return ends and (message.channel, message.note) in self._active_notes

    def _write(self, timed: TimedMessage) -> None:
        """Send a channel message to the device."""
        raise NotImplementedError

    def _write_first(self, timed: TimedMessage) -> None:
        """Send a message that must not wait for others."""
        self._write(timed)

    def _mark(self, timed: TimedMessage) -> None:
        """Store a meta message, if this output is a recording."""

    def _release(self) -> None:
        """Release the device, if there is one."""


@contextlib.contextmanager
def disk_errors(sink: Sink, action: str) -> Iterator[None]:
    """Turn an error of the disk into `SinkError`; `action` is `recorded` or `rendered`."""
    try:
        yield
    except OSError as error:
        raise SinkError(
            f"{sink.name}: lost ({error.strerror}); what was {action} before is kept"
        ) from error
