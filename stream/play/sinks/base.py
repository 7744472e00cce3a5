"""What every output has in common: it knows which notes sound, and leaves none behind."""

from __future__ import annotations

from mido import Message

from stream.play.scheduler import OFF, TimedMessage

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123


class Sink:
    """An output that takes messages when they are due.

    A subclass overrides `_write` and `_release`, and raises nothing but `SinkError`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        """As the listener calls it: `port:UM-ONE`."""
        self._sounding: set[tuple[int, int]] = set()
        self._channels: set[int] = set()
        self._time = 0.0
        self._closed = False

    def send(self, timed: TimedMessage) -> None:
        """Pass a message on. Raises `SinkError` if the output is lost."""
        message = timed.message
        self._time = timed.time
        if message.is_meta:
            self._mark(timed)
            return
        self._channels.add(message.channel)
        key = (message.channel, message.note)
        if message.type == "note_on":
            self._sounding.add(key)
        self._write(timed)
        if message.type == "note_off":
            self._sounding.discard(key)

    def flush(self, time: float) -> None:
        """A phrase has ended at `time` (s): make safe what came so far. Raises `SinkError`."""
        self._time = max(self._time, time)

    def silence(self, time: float = 0.0) -> None:
        """End every sounding note, then reset the used channels. Raises `SinkError`.

        A recording puts that at `time` (s), but not before the last message.
        """
        self._time = max(self._time, time)
        sounding, channels = sorted(self._sounding), sorted(self._channels)
        self._sounding.clear()
        self._channels.clear()
        for channel, pitch in sounding:
            off = Message("note_off", channel=channel, note=pitch, velocity=0)
            self._write(TimedMessage(self._time, OFF, off))
        for channel in channels:
            for control in (SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF):
                reset = Message("control_change", channel=channel, control=control, value=0)
                self._write(TimedMessage(self._time, OFF, reset))

    def close(self) -> None:
        """Silence the output and let it go; again is harmless. Raises `SinkError`."""
        if self._closed:
            return
        self._closed = True
        try:
            self.silence()
        finally:
            self._release()

    def _write(self, timed: TimedMessage) -> None:
        """Hand a channel message to the device."""
        raise NotImplementedError

    def _mark(self, timed: TimedMessage) -> None:
        """Keep a meta message, if this output is a recording."""

    def _release(self) -> None:
        """Let the device go."""
