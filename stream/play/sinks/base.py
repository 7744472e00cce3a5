"""What every output has in common: it knows which notes sound, and leaves none behind."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mido import Message

from stream.play.timing.scheduler import OFF, TimedMessage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.util.event_wait import File

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
CHANNELS = range(16)
SETTINGS = ("program_change", "control_change", "pitchwheel")
"""Messages that a device remembers, and has forgotten when it was unplugged."""
SYSTEM = frozenset({"clock", "start", "stop", "continue", "songpos"})
"""Messages without a channel."""
DEAF_SECONDS = 2.0
"""Before a loss is noticed: what was sent then may not have been heard, the end of a note too."""


class Sink:
    """An output that takes messages when they are due.

    A subclass overrides `_write`, `connect` and `_release`, and raises nothing but `SinkError`.
    """

    returns = False
    """Whether a lost output of this kind may come back."""
    outlives_us = False
    """Whether its notes sound on when this process is killed."""
    has_pulse = False
    """Whether only `alive` finds out that it is lost."""
    clocked = False
    """Whether it goes by a MIDI clock."""
    continues = False
    """Whether `connect` after `close` goes on behind what was recorded before."""

    def __init__(self, name: str) -> None:
        self.name = name
        """As the listener calls it: `port:UM-ONE`."""
        self.notices: deque[str] = deque()
        """What the listener should know, a line each; whoever tells it takes it out."""
        self._sounding: set[tuple[int, int]] = set()
        self._channels: set[int] = set()
        self._ended: dict[tuple[int, int], float] = {}
        """When the end of each note was sent last."""
        self._settings: dict[tuple[int, str, int], TimedMessage] = {}
        self._time = 0.0
        self._closed = False

    @property
    def target(self) -> str:
        """What it leads to, the same however it was spelled."""
        return self.name

    def fits(self, wish: Sink) -> bool:
        """Whether this output already is what `wish`, which is not connected, asks for."""
        return self.target == wish.target

    def connect(self) -> None:
        """Open the device, for the first time or once more. Raises `SinkError`; may take long."""

    def prepare(self) -> None:
        """Begin what `connect` would wait for; from now on it never waits, but fails until then."""

    def watched(self) -> tuple[File, ...]:
        """Files that can be read when something has happened to the device."""
        return ()

    def check(self) -> None:
        """One of the watched files can be read. Raises `SinkError` if the output is lost."""

    def alive(self) -> bool:
        """Whether the device has worked since the last call; may be called by another thread."""
        return True

    def send(self, timed: TimedMessage) -> None:
        """Pass a message on. Raises `SinkError` if the output is lost."""
        message = timed.message
        self._time = timed.time
        if message.type in SYSTEM:
            if self.clocked:
                self._write(timed)
            return
        if message.is_meta:
            self._mark(timed)
            return
        self._channels.add(message.channel)
        self._remember(timed)
        if message.type == "note_on":
            self._sounding.add((message.channel, message.note))
        self._write(timed)
        if message.type == "note_off":
            key = (message.channel, message.note)
            self._sounding.discard(key)
            self._ended[key] = timed.time

    def miss(self, timed: TimedMessage) -> None:
        """The device is not there: keep what it is to be told when it comes."""
        if not timed.message.is_meta and timed.message.type not in SYSTEM:
            self._remember(timed)

    def flush(self, time: float) -> None:
        """Make safe what came so far, up to `time` (s). Raises `SinkError`."""
        self._time = max(self._time, time)

    def silence(self, time: float = 0.0) -> None:
        """End every sounding note, then reset the used channels. Raises `SinkError`.

        A recording puts that at `time` (s), but not before the last message.
        """
        self._time = max(self._time, time)
        for channel, pitch in sorted(self._sounding):
            off = Message("note_off", channel=channel, note=pitch, velocity=0)
            self._write_first(TimedMessage(self._time, OFF, off))
        for channel in sorted(self._channels):
            for control in (SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF):
                reset = Message("control_change", channel=channel, control=control, value=0)
                self._write_first(TimedMessage(self._time, OFF, reset))
        self._sounding.clear()
        self._channels.clear()

    def inherit(self, sounding: Iterable[tuple[int, int]]) -> None:
        """Be in charge of these notes (channel, pitch) of somebody else, and of all channels."""
        self._sounding |= set(sounding)
        self._channels |= set(CHANNELS)

    def resume(self, time: float) -> None:
        """Go on after `connect`: end what sounded when it was lost, then set the channels again.

        Raises `SinkError` if it is lost once more.
        """
        deaf = self._time - DEAF_SECONDS
        self._sounding |= {key for key, ended in self._ended.items() if ended >= deaf}
        self.silence(time)
        for timed in self._settings.values():
            self._write(TimedMessage(self._time, OFF, timed.message))

    def lose(self) -> None:
        """Let a lost device go; it may be connected again. Raises `SinkError`; may take long."""
        self._release()

    def close(self) -> None:
        """Silence the output and let it go; again is harmless. Raises `SinkError`."""
        if self._closed:
            return
        self._closed = True
        try:
            self.silence()
        finally:
            self._release()

    def _remember(self, timed: TimedMessage) -> None:
        """Keep a setting of a channel, behind those that came before it."""
        message = timed.message
        if message.type not in SETTINGS:
            return
        key = (message.channel, message.type, getattr(message, "control", 0))
        self._settings.pop(key, None)
        self._settings[key] = timed

    def _write(self, timed: TimedMessage) -> None:
        """Hand a channel message to the device."""
        raise NotImplementedError

    def _write_first(self, timed: TimedMessage) -> None:
        """Hand over a message that must not wait for others."""
        self._write(timed)

    def _mark(self, timed: TimedMessage) -> None:
        """Keep a meta message, if this output is a recording."""

    def _release(self) -> None:
        """Let the device go; harmless where there is none."""
