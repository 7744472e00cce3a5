"""A performance on a virtual clock, with fakes for everything around it."""

import heapq
import weakref
from collections import deque

from stream.errors import SinkError
from stream.music.note import Controls, Phrase
from stream.music.stream_position import opening
from stream.play.performance import Performance
from stream.play.session import Session
from stream.play.sinks.base import Sink
from stream.play.sinks.router import Router
from stream.play.timing.scheduler import timeline
from tests.data.fake_composer import compose

SESSION = Session(seed=1, controls=Controls(bpm=120.0))


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Link:
    """A composer's client that answers each request after `delay` seconds."""

    def __init__(self, clock, delay=0.1, compose=compose):
        self._compose = compose
        self.restarts = self.hangs = 0
        self.ready = True
        self.requests = []
        self.delay = delay
        self._clock = clock
        self._answers = []

    @property
    def idle(self):
        return not self._answers

    def request(self, request):
        self.requests.append(request)
        heapq.heappush(self._answers, (self._clock() + self.delay, request))

    @property
    def due(self):
        return self._answers[0][0] if self._answers else float("inf")

    def receive(self) -> list[Phrase]:
        return [self._compose(heapq.heappop(self._answers)[1])]


class Tape(Sink):
    def __init__(self, clock, name="tape", breaks=float("inf")):
        super().__init__(name)
        self.sent = []
        self.flushed = []
        self._clock = clock
        self._breaks = breaks

    def _write(self, timed):
        if len(self.sent) >= self._breaks:
            raise SinkError(f"{self.name}: lost")
        self.sent.append((round(self._clock(), 6), timed.message))

    def flush(self, time):
        super().flush(time)
        self.flushed.append(time)


class Onlooker:
    def __init__(self, clock, period=None):
        self.notices, self.begun, self.drawn = [], [], []
        self._clock = clock
        self._period = period

    def phrase_started(self, moment):
        self.begun.append((round(moment.current.start, 6), moment.current.repeat))

    def notice(self, text):
        self.notices.append(text)

    def refresh(self, moment):
        self.drawn.append(moment.now)
        return self._period and moment.now + self._period

    def close(self):
        pass


class Keeper:
    """A fake recorder that collects the slots."""

    def __init__(self):
        self.notices = deque()
        self.kept = []

    def record(self, slot):
        self.kept.append(slot)


def _release(reconnector):
    """Close the file of a router that has not been closed."""
    if reconnector.fileno() >= 0:
        reconnector.close()


class Stage:
    """A harness that runs a performance by jumping from deadline to deadline."""

    def __init__(
        self, session=SESSION, delay=0.1, period=None, breaks=float("inf"), compose=compose
    ):
        self.clock = Clock()
        self.link = Link(self.clock, delay, compose)
        self.tapes = [Tape(self.clock, "one", breaks), Tape(self.clock, "two")]
        self.onlooker = Onlooker(self.clock, period)
        self.outputs = Router(self.tapes)
        # Most tests leave their stage as it is: its file is closed when nobody needs it any more.
        weakref.finalize(self.outputs, _release, self.outputs._reconnector)
        self.keeper = Keeper()
        self.performance = Performance(
            self.link, self.outputs, session, self.onlooker, self.clock, self.keeper
        )
        self.steps = 0

    def run(self, seconds):
        end = self.clock.now + seconds
        self.performance.step()
        while self.clock.now < end and not self.performance.finished:
            can_receive = self.performance.can_receive()
            due = self.performance.deadline()
            wake = min(
                float("inf") if due is None else due, self.link.due if can_receive else end, end
            )
            self.clock.now = max(self.clock.now, wake)
            if self.link.due <= self.clock.now and self.performance.can_receive():
                self.performance.receive()
            self.performance.step()
            self.steps += 1


def music(start, phrases):
    """Return (time, message) of whole phrases, one after the other."""
    position, sent = opening(1, SESSION.controls), []
    for _ in range(phrases):
        phrase = compose(position.request)
        position = position.after(phrase)
        line = timeline(phrase, start)
        start = line.end
        sent += [(round(t.time, 6), t.message) for t in line.messages if not t.message.is_meta]
    return sent
