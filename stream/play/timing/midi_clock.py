"""The stream's own MIDI clock: 24 a quarter note, with start, stop, continue and song position.

Pulses are counted in the ticks of the stream, so they keep to the notes whatever the tempo does.
A song position can tell no place between two sixteenths: where the music goes on at one, those who
follow are told to go on with the next sixteenth, and are exactly where the music is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mido import Message

from stream.music.note import TICKS_PER_BEAT
from stream.play.timing.scheduler import PULSE, TimedMessage

if TYPE_CHECKING:
    from stream.play.queue.phrase_queue import PhraseQueue

PULSES_PER_BEAT = 24
PULSE_TICKS = TICKS_PER_BEAT // PULSES_PER_BEAT
POSITION_TICKS = TICKS_PER_BEAT // 4
"""Song position counts sixteenths ..."""
POSITIONS = 2**14
"""... in 14 bits; it begins anew after an hour or so."""


class MidiClock:
    """The clock that belongs to a queue."""

    def __init__(self, queue: PhraseQueue) -> None:
        self.running = False
        self._queue = queue
        self._tick = 0
        """Of the stream, at which the next pulse is due."""

    def deadline(self) -> float | None:
        """When the next pulse is due (s, monotonic); None where no music is queued for it."""
        for slot in self._queue.slots():
            if self._tick < slot.at + slot.phrase.length:
                return slot.time_at(max(self._tick - slot.at, 0))
        return None

    def interval(self) -> float:
        """Seconds from pulse to pulse."""
        slot = self._queue.current or next(iter(self._queue.upcoming), None)
        return slot.time_at(PULSE_TICKS) - slot.start if slot else 1.0

    def due(self, now: float) -> list[TimedMessage]:
        """What is to be sent by now (s)."""
        messages = []
        while (at := self.deadline()) is not None and at <= now:
            if not self.running:
                messages += self._begin(at)
            messages.append(TimedMessage(at, PULSE, Message("clock")))
            self._tick += PULSE_TICKS
        return messages

    def stop(self, now: float) -> list[TimedMessage]:
        """What tells that the music has stopped."""
        was, self.running = self.running, False
        return [TimedMessage(now, PULSE, Message("stop"))] if was else []

    def _begin(self, at: float) -> list[TimedMessage]:
        """Start from the head, or go on from a sixteenth; until then pulses tell the tempo."""
        if self._tick % POSITION_TICKS:
            return []
        self.running = True
        if self._tick == 0:
            return [TimedMessage(at, PULSE, Message("start"))]
        position = Message("songpos", pos=self._tick // POSITION_TICKS % POSITIONS)
        return [
            TimedMessage(at, PULSE, position),
            TimedMessage(at, PULSE, Message("continue")),
        ]
