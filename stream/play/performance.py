"""One live performance, step by step: what is due, what is next, what can wait.

A step is called when something may be due; nothing here waits. Work that takes time (reading a
phrase, drawing, writing files) is a chore, done only while the next note is far enough away.
"""

from __future__ import annotations

import gc
from collections import deque
from typing import TYPE_CHECKING

from stream.play.observer import Snapshot
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.refill import Refill
from stream.play.queue.splice_points import next_seam, onsets
from stream.play.sender import Sender
from stream.play.stats import Stats
from stream.play.timing.midi_clock import MidiClock
from stream.play.timing.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.observer import Observer, Slot
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.router import Router

LOOKAHEAD_SECONDS = 8.0
"""Music that is kept queued."""
UNDERRUN_SECONDS = 0.05
"""Before the end of the queue: time to decide that the composer is late."""
SAFE_SECONDS = 4.0
"""Music that a power cut may cost a recording, and a moment more to write it down."""


class Performance:
    """The state of a performance."""

    def __init__(
        self,
        link: PhraseClient,
        outputs: Router,
        session: Session,
        observer: Observer,
        clock: Callable[[], float],
        recorder: Recorder | None = None,
    ) -> None:
        self.stats = Stats()
        self.queue = PhraseQueue()
        self.supply = Refill(link, self.queue, session)
        self.transport = Transport(self.queue, clock)
        self._link = link
        self._outputs = outputs
        self._session = session
        self._observer = observer
        self.clock = clock
        """Gives monotonic seconds."""
        self._recorder = recorder
        pulse = MidiClock(self.queue) if session.clock == "send" else None
        self.sender = Sender(self.queue, pulse, outputs, self.stats, clock)
        self._answering = False
        self._chores: deque[Callable[[], object]] = deque()
        self._ended: deque[Slot] = deque()  # phrases that the recorder is to keep
        self._refresh_at: float | None = clock()
        self._flush_at: float | None = None
        if session.clock == "follow":
            self.transport.hold()

    @property
    def begun(self) -> bool:
        """Whether there is music: the first note is queued."""
        return self.queue.music_seconds > 0

    @property
    def finished(self) -> bool:
        """Whether all the music that was wished for has been played."""
        return self._complete and self.transport.now() >= self.queue.end

    def listens(self) -> bool:
        """Whether there is time to read what others say."""
        return self._has_room() or self._underrun()

    def deadline(self) -> float | None:
        """When the next step is due (s, monotonic); None: when the composer speaks."""
        due = self._next_due()
        wishes = (self._refresh_at, self._flush_at, self._ask_at())
        calm = [at for at in wishes if at is not None]
        if not calm:
            return due
        chore = max(min(calm), self.clock())
        return chore if due is None or due - chore > self.sender.room() else due

    def step(self) -> None:
        """Do what is due. Raises `SinkError` when the last output is lost."""
        if self.transport.held is None:
            self.sender.send_due()
            self._turn_pages()
        if self._underrun():
            self.stats.repeats += 1
            self.supply.repeat(self.clock())
        self._ask()
        self._tell()
        while self._chores and self._has_room():
            self._chores.popleft()()
        self._flush()
        self._refresh()

    def hear(self) -> None:
        """Queue what the composer has said. Raises `ComposerError`."""
        for phrase in self.supply.hear(self.transport.now()):
            self.stats.count(phrase.verdict)
        if self._answering and not self.supply.calling:
            self._answering = False
            self.transport.jump(lambda slot: slot.before is not None and slot.before.call > 0)
        self.watch_composer()

    def watch_composer(self) -> None:
        """Count and tell what has become of the composer."""
        if self._link.restarts > self.stats.restarts:
            self.notice(f"{self._link.fault}; it starts anew")
        self.stats.restarts, self.stats.hangs = self._link.restarts, self._link.hangs

    def hold(self) -> None:
        """End what sounds, and stand still until `transport` goes on."""
        self.transport.hold()
        self.sender.silence()

    def go_on(self) -> None:
        """Go on from where it stands, or with the answer to what a person has played."""
        if self.supply.calling and self.transport.held is not None:
            self._answering = True
        else:
            self.transport.go()

    def finish(self) -> None:
        """Do the chores that are left; the outputs are closed by now."""
        self._tell()
        now = self.transport.now()
        self.stats.queue_seconds = self.queue.seconds(now)
        if seam := next_seam(self.queue.slots(), now, onsets):
            self.queue.cut(seam)
        if self.queue.current:
            self._end(self.queue.current)
        self._chores.append(self._save_stats)
        while self._chores:
            self._chores.popleft()()

    def record(self) -> None:
        """Have the recorder keep the phrases that have ended."""
        while self._ended and self._recorder:
            self._recorder.keep(self._ended.popleft())

    def notice(self, text: str) -> None:
        """Tell the listener, in one line, when there is time."""
        self._chores.append(lambda: self._observer.notice(text))

    @property
    def _complete(self) -> bool:
        return self._session.complete(self.queue.music_seconds)

    def _next_due(self) -> float | None:
        if self.transport.held is not None:
            return None
        due = self.sender.deadline()
        if due is None and self.begun:
            due = self.queue.end
        if due is None or self._complete:
            return due
        return min(due, self.queue.end - UNDERRUN_SECONDS)

    def _has_room(self) -> bool:
        return self.transport.held is not None or self.sender.has_room()

    def _underrun(self) -> bool:
        """Whether the queue is about to run dry, after music has begun."""
        if self._complete or not self.begun or self.transport.held is not None:
            return False
        return self.clock() >= self.queue.end - UNDERRUN_SECONDS

    def _turn_pages(self) -> None:
        """See to the phrases that have begun, and to those that have ended."""
        ended = self.queue.current
        for slot in self.queue.begun(self.clock()):
            if ended is not None:
                self._end(ended)
            self._begin(slot)
            ended = slot

    def _end(self, slot: Slot) -> None:
        if self._recorder is not None:
            self._ended.append(slot)
            self._chores.append(self.record)

    def _begin(self, slot: Slot) -> None:
        """Count a phrase that has begun, and put down the chores between phrases."""
        self.stats.phrases += 1
        self.stats.tunes = max(self.stats.tunes, slot.phrase.tune + 1)
        self._chores.append(lambda: self._observer.phrase_started(self._moment()))
        self._flush_at = slot.start
        self._chores.append(self._save_stats)
        self._chores.append(gc.collect)

    def _flush(self) -> None:
        """Make safe what was played, at the start of each phrase and in between.

        Recordings only hand their bytes to a thread: there is always room for that.
        """
        if self._flush_at is None or self._flush_at > self.clock():
            return
        self._outputs.flush(self._flush_at)
        self._flush_at = self._flush_at + SAFE_SECONDS

    def _ask(self) -> None:
        at = self._ask_at()
        if at is not None and at <= self.clock() and self._has_room():
            self.supply.ask(self.transport.now())

    def _ask_at(self) -> float | None:
        """When to ask for the next phrase (s); None while none is wanted."""
        full = self.queue.seconds(self.transport.now()) >= LOOKAHEAD_SECONDS
        wanted = self.supply.eager or not (self._complete or full)
        return self.sender.delivered_at if wanted and self._link.idle else None

    def _refresh(self) -> None:
        if self._refresh_at is None or self._refresh_at > self.clock() or not self._has_room():
            return
        self._refresh_at = self._observer.refresh(self._moment())

    def _moment(self) -> Snapshot:
        self.stats.queue_seconds = self.queue.seconds(self.transport.now())
        queue, names, held = self.queue, self._outputs.names, self.transport.held
        return Snapshot(self.clock(), queue.current, tuple(queue.upcoming), self.stats, names, held)

    def _save_stats(self) -> None:
        if self._session.stats is None:
            return
        try:
            self.stats.write(self._session.stats)
        except OSError as error:
            self.notice(f"--stats {self._session.stats}: can not be written ({error.strerror})")

    def _tell(self) -> None:
        """Count and tell what has become of the outputs."""
        self.stats.sinks_lost, self.stats.sinks_back = self._outputs.lost, self._outputs.back
        for notices in (self._outputs.notices, self._recorder.notices if self._recorder else ()):
            while notices:
                self.notice(notices.popleft())
