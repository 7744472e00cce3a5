"""One live performance, step by step: what is due, what is next, what can wait.

A step is called when something may be due; nothing here waits. Work that takes time (reading a
phrase, drawing, writing files) is a chore, done only while the next note is far enough away.
"""

from __future__ import annotations

import gc
from collections import deque
from typing import TYPE_CHECKING

from stream.play.observer import ROOM_SECONDS, Moment
from stream.play.phrase_queue import PhraseQueue
from stream.play.programme import Programme
from stream.play.stats import LATE_SECONDS, Stats

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.note import Phrase
    from stream.play.composer_link import ComposerLink
    from stream.play.observer import Observer, Slot
    from stream.play.outputs import Outputs
    from stream.play.scheduler import TimedMessage
    from stream.play.session import Session

LOOKAHEAD_SECONDS = 8.0
"""Music that is kept queued."""
START_SECONDS = 0.02
"""From the arrival of the first phrase to its first note."""
DELIVERY_SECONDS = 0.005
"""After a message, before the composer is given work: the message has left the machine by then."""
UNDERRUN_SECONDS = 0.05
"""Before the end of the queue: time to decide that the composer is late."""
REPEATABLE = 8
"""Phrases that are kept, to be repeated where the composer is late."""
STALL_SECONDS = 0.1
"""A message that is later than this shows that the whole process stood still."""
SAFE_SECONDS = 4.0
"""Music that a power cut may cost a recording, and a moment more to write it down."""


class Performance:
    """The state of a performance. `clock` gives monotonic seconds."""

    def __init__(
        self,
        link: ComposerLink,
        outputs: Outputs,
        session: Session,
        observer: Observer,
        clock: Callable[[], float],
    ) -> None:
        self.stats = Stats()
        self._link = link
        self._outputs = outputs
        self._session = session
        self._observer = observer
        self._clock = clock
        self._programme = Programme(session.seed, session.controls)
        self._queue = PhraseQueue()
        self._recent: deque[Phrase] = deque(maxlen=REPEATABLE)
        self._repeated = 0
        self._chores: deque[Callable[[], None]] = deque()
        self._refresh_at: float | None = clock()
        self._flush_at: float | None = None
        self._sent_at = -DELIVERY_SECONDS

    @property
    def begun(self) -> bool:
        """Whether there is music: the first note is queued."""
        return self._queue.music_seconds > 0

    @property
    def finished(self) -> bool:
        """Whether all the music that was wished for has been played."""
        return self._complete and self._clock() >= self._queue.end

    def listens(self) -> bool:
        """Whether there is time to read what the composer says."""
        return self._has_room() or self._underrun()

    def deadline(self) -> float | None:
        """When the next step is due (s, monotonic); None: when the composer speaks."""
        due = self._next_due()
        wishes = (self._refresh_at, self._flush_at, self._ask_at())
        calm = [at for at in wishes if at is not None]
        if not calm:
            return due
        chore = max(min(calm), self._clock())
        return chore if due is None or due - chore > ROOM_SECONDS else due

    def step(self) -> None:
        """Do what is due. Raises `SinkError` when the last output is lost."""
        self._send_due()
        for slot in self._queue.begun(self._clock()):
            self._begin(slot)
        if self._underrun():
            self._repeat()
        self._ask()
        self._tell()
        while self._chores and self._has_room():
            self._chores.popleft()()
        self._flush()
        self._refresh()

    def hear(self) -> None:
        """Queue what the composer has said. Raises `ComposerError`."""
        for phrase in self._link.receive():
            self._programme = self._programme.after(phrase)
            self.stats.accepted += phrase.verdict.accepted
            self.stats.composed += phrase.verdict.candidates
            if phrase.verdict.passed or not any(one.verdict.passed for one in self._recent):
                self._recent.append(phrase)
            self._repeated = 0
            self._queue.append(phrase, earliest=self._clock() + START_SECONDS)
        self.watch_composer()

    def watch_composer(self) -> None:
        """Count and tell what has become of the composer."""
        if self._link.restarts > self.stats.restarts:
            self._notice(f"{self._link.fault}; it starts anew")
        self.stats.restarts, self.stats.hangs = self._link.restarts, self._link.hangs

    def finish(self) -> None:
        """Do the chores that are left; the outputs are closed by now."""
        self._tell()
        self.stats.queue_seconds = self._queue.seconds(self._clock())
        self._chores.append(self._save_stats)
        while self._chores:
            self._chores.popleft()()

    @property
    def _complete(self) -> bool:
        return self._session.complete(self._queue.music_seconds)

    def _next_due(self) -> float | None:
        if self._queue.messages:
            due = self._queue.messages[0].time
        elif self.begun:
            due = self._queue.end
        else:
            return None
        return due if self._complete else min(due, self._queue.end - UNDERRUN_SECONDS)

    def _has_room(self) -> bool:
        messages = self._queue.messages
        return not messages or messages[0].time - self._clock() > ROOM_SECONDS

    def _underrun(self) -> bool:
        """Whether the queue is about to run dry, after music has begun."""
        queue = self._queue
        return not self._complete and self.begun and self._clock() >= queue.end - UNDERRUN_SECONDS

    def _send_due(self) -> None:
        messages = self._queue.messages
        while messages and (late := self._clock() - messages[0].time) >= 0:
            if late > STALL_SECONDS:
                self._queue.shift(late)
                self.stats.stalls += 1
                return
            timed = messages.popleft()
            self._outputs.send(timed)
            self._sent_at = self._clock()
            self._count(timed, late)

    def _count(self, timed: TimedMessage, late: float) -> None:
        if timed.message.type == "note_on":
            self.stats.notes += 1
            self.stats.late += late > LATE_SECONDS
            self.stats.lateness.add(late)

    def _begin(self, slot: Slot) -> None:
        """Count a phrase that has begun, and put down the chores between phrases."""
        self.stats.phrases += 1
        self.stats.tunes = max(self.stats.tunes, slot.phrase.tune + 1)
        self._chores.append(lambda: self._observer.phrase_started(self._moment()))
        self._flush_at = slot.start
        self._chores.append(self._save_stats)
        self._chores.append(_collect)

    def _flush(self) -> None:
        """Make safe what was played, at the start of each phrase and in between.

        Recordings only hand their bytes to a thread: there is always room for that.
        """
        if self._flush_at is None or self._flush_at > self._clock():
            return
        self._outputs.flush(self._flush_at)
        self._flush_at = self._flush_at + SAFE_SECONDS

    def _repeat(self) -> None:
        """Play a phrase of the last tune again: silence is no answer."""
        phrase = self._recent[self._repeated % len(self._recent)]
        self._repeated += 1
        self.stats.repeats += 1
        self._queue.append(phrase, earliest=self._clock(), repeat=True)

    def _ask(self) -> None:
        at = self._ask_at()
        if at is not None and at <= self._clock() and self._has_room():
            self._link.request(self._programme.request)

    def _ask_at(self) -> float | None:
        """When to ask for the next phrase (s); None while none is wanted."""
        full = self._queue.seconds(self._clock()) >= LOOKAHEAD_SECONDS
        if self._complete or full or not self._link.idle:
            return None
        return self._sent_at + DELIVERY_SECONDS

    def _refresh(self) -> None:
        if self._refresh_at is None or self._refresh_at > self._clock() or not self._has_room():
            return
        self._refresh_at = self._observer.refresh(self._moment())

    def _moment(self) -> Moment:
        now = self._clock()
        self.stats.queue_seconds = self._queue.seconds(now)
        upcoming = tuple(self._queue.upcoming)
        return Moment(now, self._queue.current, upcoming, self.stats, self._outputs.names)

    def _save_stats(self) -> None:
        if self._session.stats is None:
            return
        try:
            self.stats.write(self._session.stats)
        except OSError as error:
            self._notice(f"--stats {self._session.stats}: can not be written ({error.strerror})")

    def _tell(self) -> None:
        """Count and tell what has become of the outputs."""
        self.stats.sinks_lost, self.stats.sinks_back = self._outputs.lost, self._outputs.back
        while self._outputs.notices:
            self._notice(self._outputs.notices.popleft())

    def _notice(self, text: str) -> None:
        self._chores.append(lambda: self._observer.notice(text))


def _collect() -> None:
    gc.collect()
