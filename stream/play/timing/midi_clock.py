"""The stream's own MIDI clock: 24 a quarter note, with start, stop, continue and song position.

Pulses are counted in the ticks of the stream, so they stay with the notes whatever the tempo does.
A song position counts whole sixteenth notes: when the music continues between two of them,
followers are sent the position of the next one, and `continue` at the moment it is reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mido import Message

from stream.music.note import TICKS_PER_BEAT
from stream.play.timing.scheduler import CLOCK, TimedMessage

if TYPE_CHECKING:
    from stream.play.queue.phrase_queue import PhraseQueue

PULSES_PER_BEAT = 24
PULSE_TICKS = TICKS_PER_BEAT // PULSES_PER_BEAT
POSITION_TICKS = TICKS_PER_BEAT // 4
"""Ticks of a sixteenth note, the unit of the song position."""
POSITIONS = 2**14
"""Number of song positions (14 bits); counting restarts at 0 after about an hour."""


class MidiClock:
    """The MIDI clock of a queue."""

    def __init__(self, queue: PhraseQueue) -> None:
        self.running = False
        self._queue = queue
        self._tick = 0
        """Tick of the stream at which the next pulse is due."""

    def deadline(self) -> float | None:
        """Return when the next pulse is due (s, monotonic); None if no music is queued for it."""
        for slot in self._queue.slots():
            if self._tick < slot.at + slot.phrase.length:
                return slot.time_at(max(self._tick - slot.at, 0))
        return None

    def interval(self) -> float:
        """Return the seconds from pulse to pulse."""
        slot = self._queue.current or next(iter(self._queue.upcoming), None)
        return slot.time_at(PULSE_TICKS) - slot.start if slot else 1.0

    def due(self, now: float) -> list[TimedMessage]:
        """Return the messages due at `now` (s) or before."""
        messages = []
        while (at := self.deadline()) is not None and at <= now:
            if not self.running:
                messages += self._begin(at)
            messages.append(TimedMessage(at, CLOCK, Message("clock")))
            self._tick += PULSE_TICKS
        return messages

    def stop(self, now: float) -> list[TimedMessage]:
        """Return the messages that stop the followers."""
        was_running, self.running = self.running, False
        return [TimedMessage(now, CLOCK, Message("stop"))] if was_running else []

    def _begin(self, at: float) -> list[TimedMessage]:
        """Return the messages that start the followers; none between two sixteenth notes."""
        if self._tick % POSITION_TICKS:
            return []
        self.running = True
        if self._tick == 0:
            return [TimedMessage(at, CLOCK, Message("start"))]
        position = Message("songpos", pos=self._tick // POSITION_TICKS % POSITIONS)
        return [
            TimedMessage(at, CLOCK, position),
            TimedMessage(at, CLOCK, Message("continue")),
        ]
