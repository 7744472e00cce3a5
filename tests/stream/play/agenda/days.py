"""A performance under a virtual wall clock, whose tunes are ten minutes long."""

import dataclasses
import gc
from datetime import UTC, datetime, timedelta

import pytest

from stream.day.entry import Entry, parse_start
from stream.day.place import Place
from stream.day.plan import Plan
from stream.day.weekdays import parse_days
from stream.music.note import Controls, Note, Phrase
from stream.play import performance
from tests.data.stage import Stage

BEGIN = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
"""A Monday noon, at which the virtual clocks begin."""
PHRASE_SECONDS = 300.0


class VirtualWall:
    """A wall clock that goes with the stage's clock until someone sets it."""

    def __init__(self, clock, begin=BEGIN):
        self._clock = clock
        self._offset = begin - timedelta(seconds=clock.now)
        self._at = None

    @property
    def deadline(self):
        if self._at is None:
            return None
        return (self._at - self._offset.replace(tzinfo=UTC)).total_seconds()

    def now(self):
        return self._offset + timedelta(seconds=self._clock.now)

    def at(self, time):
        """The wall clock's time at a monotonic one."""
        return self._offset + timedelta(seconds=time)

    def alarm(self, at):
        self._at = at

    def set(self, moment):
        self._offset = moment - timedelta(seconds=self._clock.now)

    def fileno(self):
        return -1

    def close(self):
        pass


def compose(request):
    """Two phrases of five minutes are a tune; the first one begins with a part of two seconds."""
    length = round(PHRASE_SECONDS * 48) if not request.more else 2 * 48
    onsets = (0, *range(length - 7 * 48, length, 4 * 48)) if not request.more else (0,)
    return Phrase(
        tuple(Note(onset, 48, 60) for onset in onsets),
        length,
        60.0,
        request.index,
        request.tune,
        "folk",
        "fake",
        request.seed,
        parent=request.parent,
        closing=len(request.phrase_lengths) == 1,
    )


def entry(start, days="mon-sun", *, silent=False, voice=None, **controls):
    rule = parse_days(days, "day")
    return Entry(parse_start(start, "day"), rule, start, voice, tuple(controls.items()), silent)


class Days(Stage):
    """A stage with a plan of the day; the wall clock is `wall`."""

    def __init__(self, *entries, begin=BEGIN, zone=UTC, **session):
        plan = Plan(tuple(entries), Place(zone)) if entries else None
        controls = Controls(bpm=60.0)
        from stream.play.session import Session

        super().__init__(
            Session(seed=1, controls=controls, configured=controls, plan=plan, **session),
            delay=0.5,
            compose=compose,
        )
        self.wall = VirtualWall(self.clock, begin)
        if plan:
            self.performance.agenda.follow(self.wall)

    @property
    def agenda(self):
        return self.performance.agenda

    def set_clock(self, moment):
        """Set the wall clock; the file tells the player."""
        self.wall.set(moment)
        self.agenda.wall_rang()

    def slots(self):
        """Everything that has been played."""
        self.performance.record_ended()
        current = self.performance.queue.current
        return [*self.keeper.kept, *([current] if current else [])]

    def tunes(self):
        """The slots of each tune."""
        found = {}
        for slot in self.slots():
            found.setdefault(slot.phrase.tune, []).append(slot)
        return list(found.values())


@pytest.fixture(autouse=True)
def _long_steps(monkeypatch):
    """Leave out what takes real time in a week of virtual time."""
    monkeypatch.setattr(gc, "collect", lambda: 0)
    monkeypatch.setattr(performance, "SAFE_SECONDS", 600.0)


def replaced(controls, **changes):
    return dataclasses.replace(controls, **changes)
