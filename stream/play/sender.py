"""Sending what is due: notes and the pulses of the clock, and how much time there is in between."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.observer import ROOM_SECONDS
from stream.play.stats import LATE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.sinks.router import Router
    from stream.play.stats import Stats
    from stream.play.timing.midi_clock import MidiClock
    from stream.play.timing.scheduler import TimedMessage

DELIVERY_SECONDS = 0.005
"""After a message, before the composer is given work: the message has left the machine by then."""
STALL_SECONDS = 0.1
"""A message that is later than this shows that the whole process stood still."""
PULSE_ROOM = 0.6
"""Share of the time from one pulse of the clock to the next that a chore may need."""


class Sender:
    """Takes messages out of the queue when they are due. `clock` gives monotonic seconds."""

    def __init__(
        self,
        queue: PhraseQueue,
        pulse: MidiClock | None,
        outputs: Router,
        stats: Stats,
        clock: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._pulse = pulse
        self._outputs = outputs
        self._stats = stats
        self._clock = clock
        self._sent_at = -DELIVERY_SECONDS

    @property
    def delivered_at(self) -> float:
        """When the last message has left the machine (s)."""
        return self._sent_at + DELIVERY_SECONDS

    def deadline(self) -> float | None:
        """When the next message is due (s, monotonic); None where there is none."""
        due = [timed.time for timed in list(self._queue.messages)[:1]]
        if self._pulse and (pulse := self._pulse.deadline()) is not None:
            due.append(pulse)
        return min(due, default=None)

    def room(self) -> float:
        """Seconds that a chore is given."""
        pulse = self._pulse
        return min(ROOM_SECONDS, PULSE_ROOM * pulse.interval()) if pulse else ROOM_SECONDS

    def has_room(self) -> bool:
        """Whether the next message is far enough away for a chore."""
        due = self.deadline()
        return due is None or due - self._clock() > self.room()

    def send_due(self) -> None:
        """Send what is due. Raises `SinkError` when the last output is lost."""
        if self._stalled(self.deadline()):
            return
        for timed in self._pulse.due(self._clock()) if self._pulse else ():
            self._outputs.send(timed)
        messages = self._queue.messages
        while messages and (late := self._clock() - messages[0].time) >= 0:
            if self._stalled(messages[0].time):
                return
            timed = messages.popleft()
            self._outputs.send(timed)
            self._sent_at = self._clock()
            self._count(timed, late)

    def _stalled(self, due: float | None) -> bool:
        """Whether the process stood still when something was due (s); the music waits then.

        Whoever follows is told to wait, too: they can not tell a clock that stood still from one
        that was lost on its way, and so from music that has gone on.
        """
        late = 0.0 if due is None else self._clock() - due
        if late <= STALL_SECONDS:
            return False
        self._queue.shift(late)
        self._stats.stalls += 1
        self._stop_pulse(self._clock())
        return True

    def silence(self) -> None:
        """End what sounds, then tell that the clock stops."""
        now = self._clock()
        self._outputs.silence(now)
        self._queue.forget_sounding()
        self._stop_pulse(now)

    def _stop_pulse(self, now: float) -> None:
        for timed in self._pulse.stop(now) if self._pulse else ():
            with contextlib.suppress(SinkError):  # what is lost has stopped too
                self._outputs.send(timed)

    def _count(self, timed: TimedMessage, late: float) -> None:
        if timed.message.type == "note_on":
            self._stats.notes += 1
            self._stats.late += late > LATE_SECONDS
            self._stats.lateness.add(late)
