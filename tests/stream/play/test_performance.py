"""A performance under a clock of its own: when it wakes, what it does then."""

import dataclasses
import heapq

import pytest

from stream.errors import SinkError
from stream.note import Controls, Phrase
from stream.play.observer import ROOM_SECONDS
from stream.play.outputs import Outputs
from stream.play.performance import Performance
from stream.play.programme import Programme
from stream.play.scheduler import timeline
from stream.play.session import Session
from stream.play.sinks.base import Sink
from tests.data.fake_composer import compose

SESSION = Session(seed=1, controls=Controls(bpm=120.0))


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Link:
    """Answers each request `delay` seconds after it came."""

    def __init__(self, clock, delay=0.1):
        self.restarts = self.hangs = 0
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
        return [compose(heapq.heappop(self._answers)[1])]


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


class Stage:
    """Runs a performance as the driver would, but by jumping from deadline to deadline."""

    def __init__(self, session=SESSION, delay=0.1, period=None, breaks=float("inf")):
        self.clock = Clock()
        self.link = Link(self.clock, delay)
        self.tapes = [Tape(self.clock, "one", breaks), Tape(self.clock, "two")]
        self.onlooker = Onlooker(self.clock, period)
        self.outputs = Outputs(self.tapes)
        self.performance = Performance(self.link, self.outputs, session, self.onlooker, self.clock)
        self.steps = 0

    def run(self, seconds):
        end = self.clock.now + seconds
        self.performance.step()
        while self.clock.now < end and not self.performance.finished:
            listens = self.performance.listens()
            due = self.performance.deadline()
            wake = min(float("inf") if due is None else due, self.link.due if listens else end, end)
            self.clock.now = max(self.clock.now, wake)
            if self.link.due <= self.clock.now and self.performance.listens():
                self.performance.hear()
            self.performance.step()
            self.steps += 1


def music(start, phrases):
    """(time, message) of whole phrases one behind the other."""
    programme, sent = Programme(1, SESSION.controls), []
    for _ in range(phrases):
        phrase = compose(programme.request)
        programme = programme.after(phrase)
        line = timeline(phrase, start)
        start = line.end
        sent += [(round(t.time, 6), t.message) for t in line.messages if not t.message.is_meta]
    return sent


def test_every_message_leaves_at_its_time():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.5))
    stage.run(100.0)
    assert stage.performance.finished
    assert stage.tapes[0].sent == stage.tapes[1].sent == music(100.12, 5)
    assert stage.performance.stats.queue_seconds == pytest.approx(0.0, abs=9)
    assert stage.clock.now == pytest.approx(100.12 + 36.0)


def test_the_queue_is_kept_filled_and_no_more():
    stage = Stage()
    stage.run(20.0)
    # 4 s for the first phrase, 8 s for each other: asked for as soon as less than 8 s are queued.
    assert len(stage.link.requests) == 4
    assert [request.index for request in stage.link.requests] == [0, 1, 2, 3]


def test_it_does_not_poll():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.5))
    stage.run(100.0)
    assert stage.steps <= len(stage.tapes[0].sent) + 5 * 4


def test_a_view_is_drawn_in_time_and_never_close_to_a_note():
    stage = Stage(period=0.1)
    stage.run(20.0)
    drawn = stage.onlooker.drawn
    notes = [time for time, _ in stage.tapes[0].sent]
    assert 170 <= len(drawn) <= 201
    gaps = [note - at for at in drawn for note in notes if note - at > 1e-5]
    assert min(gaps) > ROOM_SECONDS - 1e-5
    assert stage.steps < 600


def test_a_late_composer_is_covered_by_repeats():
    stage = Stage(delay=10.0)
    stage.run(30.0)
    assert (
        stage.onlooker.begun
        == [
            (110.02, False),
            (114.02, True),
            (118.02, True),
            (122.02, False),
            (130.02, True),
            (134.02, True),
        ][: len(stage.onlooker.begun)]
    )
    assert stage.performance.stats.repeats >= 2
    assert [r.index for r in stage.link.requests[:3]] == [0, 1, 2]


def test_a_stall_moves_the_stream():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.1))
    stage.run(2.0)
    before = len(stage.tapes[0].sent)
    due = stage.performance._next_due()
    stage.clock.now = due + 5.0
    stage.run(100.0)
    expected = music(100.12, 2)
    assert [m for _, m in stage.tapes[0].sent] == [m for _, m in expected]
    assert [t for t, _ in stage.tapes[0].sent[before:]] == pytest.approx(
        [t + 5.0 for t, _ in expected[before:]]
    )
    assert stage.performance.stats.stalls == 1


def test_a_lost_sink_is_named_and_left():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.1), breaks=3)
    stage.run(100.0)
    assert len(stage.tapes[0].sent) == 3
    assert stage.tapes[1].sent == music(100.12, 2)
    assert stage.onlooker.notices == ["one: lost"]
    assert stage.performance.stats.sinks_lost == 1


def test_recordings_are_made_safe_at_each_phrase_and_every_four_seconds():
    stage = Stage()
    stage.run(20.0)
    flushed = [round(time, 6) for time in stage.tapes[0].flushed]
    assert flushed == [100.12, 104.12, 108.12, 112.12, 116.12]


def test_counters_are_kept_on_disk(tmp_path):
    path = tmp_path / "stats.json"
    stage = Stage(dataclasses.replace(SESSION, stats=path))
    stage.run(2.0)
    assert '"phrases": 1' in path.read_text()
    stage.performance._session = dataclasses.replace(
        SESSION, stats=tmp_path / "none" / "stats.json"
    )
    stage.run(5.0)
    assert stage.onlooker.notices == [
        f"--stats {tmp_path}/none/stats.json: can not be written (No such file or directory)"
    ]
