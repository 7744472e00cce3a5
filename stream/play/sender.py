"""Sends notes and clock pulses when they are due, and reports the time left between them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.observer import TASK_SECONDS
from stream.play.stats import LATE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.sinks.router import Router
    from stream.play.stats import Stats
    from stream.play.timing.midi_clock import MidiClock
    from stream.play.timing.scheduler import TimedMessage

DELIVERY_SECONDS = 0.005
"""Seconds after a message before the composer gets work: by then the message has been sent."""
STALL_SECONDS = 0.1
"""Seconds of lateness above which the whole process counts as having stood still."""
CLOCK_SHARE = 0.6
"""Share of the time from one clock pulse to the next that a task may take."""


class Sender:
    """Takes messages out of the queue when they are due. `clock` returns monotonic seconds."""

    def __init__(
        self,
        queue: PhraseQueue,
        midi_clock: MidiClock | None,
        outputs: Router,
        stats: Stats,
        clock: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._midi_clock = midi_clock
        self._outputs = outputs
        self._stats = stats
        self._clock = clock
        self._sent_at = -DELIVERY_SECONDS

    @property
    def delivered_at(self) -> float:
        """Time at which the last message has left the machine (s)."""
        return self._sent_at + DELIVERY_SECONDS

    def deadline(self) -> float | None:
        """Return when the next message is due (s, monotonic); None if none is queued."""
        due = [timed.time for timed in list(self._queue.messages)[:1]]
        if self._midi_clock and (midi_clock := self._midi_clock.deadline()) is not None:
            due.append(midi_clock)
        return min(due, default=None)

    def task_seconds(self) -> float:
        """Return the seconds that a task may take."""
        midi_clock = self._midi_clock
        return (
            min(TASK_SECONDS, CLOCK_SHARE * midi_clock.interval()) if midi_clock else TASK_SECONDS
        )

    def can_run_task(self) -> bool:
        """Return True if the next message is far enough away for a task."""
        due = self.deadline()
        return due is None or due - self._clock() > self.task_seconds()

    def send_due(self) -> None:
        """Send what is due. Raises `SinkError` when the last output is lost."""
        if self._stalled(self.deadline()):
            return
        for timed in self._midi_clock.due(self._clock()) if self._midi_clock else ():
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
        """Return True if the process stood still when something was due (s), and delay the music.

        Devices that follow the clock are stopped too: they cannot tell a clock that stood still
        from pulses lost in transmission, and would run ahead of the music.
        """
        late = 0.0 if due is None else self._clock() - due
        if late <= STALL_SECONDS:
            return False
        self._queue.shift(late)
        self._stats.stalls += 1
        self._stop_midi_clock(self._clock())
        return True

    def rest(self) -> None:
        """Stop the MIDI clock, because no music follows for a while; sounds may die away."""
        self._stop_midi_clock(self._clock())

    def silence(self) -> None:
        """End all notes, then stop the MIDI clock."""
        now = self._clock()
        self._outputs.silence(now)
        self._queue.drop_note_offs()
        self._stop_midi_clock(now)

    def _stop_midi_clock(self, now: float) -> None:
        for timed in self._midi_clock.stop(now) if self._midi_clock else ():
            with contextlib.suppress(SinkError):  # a lost output has stopped too
                self._outputs.send(timed)

    def _count(self, timed: TimedMessage, late: float) -> None:
        if timed.message.type == "note_on":
            self._stats.notes += 1
            self._stats.late += late > LATE_SECONDS
            self._stats.lateness.add(late)
