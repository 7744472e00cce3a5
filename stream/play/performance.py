"""One live performance, step by step: send what is due, request what is next, defer the rest.

`step` is called when something may be due; nothing here waits. Work that takes time (reading a
phrase, drawing, writing files) is a task that runs only while the next note is far enough away.
"""

from __future__ import annotations

import gc
from collections import deque
from typing import TYPE_CHECKING

from stream.play.agenda.agenda import Agenda
from stream.play.loudness import Loudness
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.refill import Refill
from stream.play.queue.splice_points import next_splice_point, onsets
from stream.play.reports import Reports
from stream.play.sender import Sender
from stream.play.stats import Stats
from stream.play.timing.midi_clock import MidiClock
from stream.play.timing.transport import Transport
from stream.play.viewing import Viewing
from stream.play.voice_choice import VoiceChoice
from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.music.note import Controls
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.observer import Observer, Slot
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.router import Router

UNDERRUN_SECONDS = 0.05
"""Seconds before the end of the queue at which the composer counts as late."""
SAFE_SECONDS = 4.0
"""Seconds of music that a power cut may cost a recording, not counting the time of the write."""


class Performance:
    """State of a performance."""

    def __init__(
        self,
        client: PhraseClient,
        outputs: Router,
        session: Session,
        observer: Observer,
        clock: Callable[[], float],
        recorder: Recorder | None = None,
    ) -> None:
        self.stats = Stats()
        self.queue = PhraseQueue()
        self.refill = Refill(client, self.queue, session)
        self.transport = Transport(self.queue, clock)
        self._client = client
        self._outputs = outputs
        self._observer = observer
        self.clock = clock
        """Returns monotonic seconds."""
        self._recorder = recorder
        midi_clock = MidiClock(self.queue) if session.clock == "send" else None
        self.sender = Sender(self.queue, midi_clock, outputs, self.stats, clock)
        self.loudness = Loudness(outputs, session.controls.volume)
        self.reports = Reports(self.stats, session.stats, self.notice)
        self._responding = False
        self._tasks: deque[Callable[[], object]] = deque()
        self._ended: deque[Slot] = deque()  # phrases that the recorder has not received yet
        self._viewing = Viewing(self, outputs, observer)
        self.voice = VoiceChoice(session, client, recorder)
        self.agenda = Agenda(self, session)
        self._flush_at: float | None = None
        if session.clock == "follow":
            self.transport.pause()

    @property
    def begun(self) -> bool:
        """True once there is music: the first note is queued."""
        return bool(self.queue.slots())

    @property
    def finished(self) -> bool:
        """True once all the requested music has been played."""
        return self._complete and self.transport.now() >= self.queue.end

    def change(self, controls: Controls) -> None:
        """Apply these controls, which a person has set, to the music."""
        moved = self.refill.set_controls(controls, self.transport.now())
        self.agenda.moved(moved)
        if "volume" in moved:
            self.loudness.set_volume(controls.volume)

    def can_receive(self) -> bool:
        """Return True while there is time to read what the composer and the controllers send."""
        return self._can_run_task() or self._underrun()

    def deadline(self) -> float | None:
        """Return when the next step is due (s, monotonic); None: not before a composer's answer."""
        due = self._next_due()
        candidates = (self._viewing.due, self._flush_at, self._request_at(), self.agenda.deadline)
        scheduled = [at for at in candidates if at is not None]
        if not scheduled:
            return due
        next_task = max(min(scheduled), self.clock())
        return next_task if due is None or due - next_task > self.sender.task_seconds() else due

    def step(self) -> None:
        """Do what is due. Raises `SinkError` when the last output is lost."""
        if self.transport.paused_at is None:
            self.sender.send_due()
            self._track_phrases()
        self.agenda.step()
        self.loudness.send(self.clock(), paused=self.transport.paused_at is not None)
        if self._underrun():
            self.stats.repeats += 1
            self.refill.repeat(self.clock())
        self._request_due()
        self.reports.collect(self._outputs, self._recorder)
        while self._tasks and self._can_run_task():
            self._tasks.popleft()()
        self._flush()
        if self._viewing.due_at(self.clock()) and self._can_run_task():
            self._viewing.refresh()

    def receive(self) -> None:
        """Queue what the composer has sent. Raises `ComposerError`."""
        for phrase in self.refill.receive(self.transport.now()):
            self.reports.count(phrase)
        if self._responding and not self.refill.responding:
            self._responding = False
            self.transport.jump(lambda slot: slot.before is not None and slot.before.call > 0)
        self.reports.watch(self._client)

    def pause(self) -> None:
        """End the notes that sound, and pause until `transport` continues."""
        self.transport.pause()
        self.sender.silence()

    def resume(self) -> None:
        """Continue where the music was paused, or with the response to what a person has played."""
        if self.refill.responding and self.transport.paused_at is not None:
            self._responding = True
        else:
            self.transport.resume()

    def silence(self) -> None:
        """End all notes, and give the instruments their own levels back."""
        self.sender.silence()
        self.loudness.restore(self.clock())

    def finish(self) -> None:
        """Run the remaining tasks; the outputs are closed by now."""
        self.reports.collect(self._outputs, self._recorder)
        now = self.transport.now()
        self.stats.queue_seconds = self.queue.seconds(now)
        if splice_point := next_splice_point(self.queue.slots(), now, onsets):
            self.queue.cut(splice_point)
        if self.queue.current:
            self._end(self.queue.current)
        self._tasks.append(self.reports.save)
        while self._tasks:
            self._tasks.popleft()()

    def record_ended(self) -> None:
        """Pass the phrases that have ended to the recorder."""
        while self._ended and self._recorder:
            self._recorder.record(self._ended.popleft())

    def notice(self, text: str) -> None:
        """Report an event to the listener, in one line, when there is time."""
        self._tasks.append(lambda: self._observer.notice(text))

    @property
    def _complete(self) -> bool:
        return self.agenda.complete(self.queue.music_seconds)

    def _next_due(self) -> float | None:
        if self.transport.paused_at is not None:
            return None
        due, quiet = self.sender.deadline(), self.agenda.quiet
        if due is None and self.begun and not (quiet and self.queue.end <= self.clock()):
            due = self.queue.end
        if step := self.loudness.step_seconds:
            due = earliest(due, self.clock() + step)
        if due is None or self._complete or quiet:
            return due
        return min(due, self.queue.end - UNDERRUN_SECONDS)

    def _can_run_task(self) -> bool:
        return self.transport.paused_at is not None or self.sender.can_run_task()

    def _underrun(self) -> bool:
        """Return True if the queue is about to run dry after music has begun."""
        quiet = self._complete or self.agenda.quiet or self.transport.paused_at is not None
        if quiet or not self.begun:
            return False
        return self.clock() >= self.queue.end - UNDERRUN_SECONDS

    def _track_phrases(self) -> None:
        """Handle the phrases that have begun, and those that have ended."""
        ended = self.queue.current
        for slot in self.queue.begun(self.clock()):
            if ended is not None:
                self._end(ended)
            self._begin(slot)
            ended = slot

    def _end(self, slot: Slot) -> None:
        if self._recorder is not None:
            self._ended.append(slot)
            self._tasks.append(self.record_ended)

    def _begin(self, slot: Slot) -> None:
        """Count a phrase that has begun, and schedule the tasks between phrases."""
        self.agenda.begun(slot)
        self.stats.phrases += 1
        self.stats.tunes = max(self.stats.tunes, 0 if slot.kept else slot.phrase.tune + 1)
        self._tasks.append(self._viewing.phrase_started)
        self._flush_at = slot.start
        self._tasks.append(self.reports.save)
        self._tasks.append(gc.collect)

    def _flush(self) -> None:
        """Save what was played, at the start of each phrase and in between.

        Recordings only pass their bytes to a thread, so there is always time for that.
        """
        if self._flush_at is None or self._flush_at > self.clock():
            return
        self._outputs.flush(self._flush_at)
        self._flush_at = self._flush_at + SAFE_SECONDS

    def _request_due(self) -> None:
        self.refill.listen(self.transport.now())
        at = self._request_at()
        if at is not None and at <= self.clock() and self._can_run_task():
            self.refill.request(self.transport.now())

    def _request_at(self) -> float | None:
        """Return when to request the next phrase (s); None while none is needed."""
        full = self.queue.seconds(self.transport.now()) >= self.refill.listening.lookahead
        needed = self.refill.urgent or not (self._complete or full)
        needed = needed and not self.agenda.resting
        at = self.sender.delivered_at if needed else self.refill.listening.due
        return at if self._client.idle else None
