"""The wall clock's alarm, on the real clock."""

import pathlib
import select
from datetime import UTC, datetime, timedelta

import pytest

from stream.play.agenda.wall_clock import ABSOLUTE, CANCEL_ON_SET, WallClock


@pytest.fixture
def wall():
    wall = WallClock()
    yield wall
    wall.close()


def rings(wall, seconds):
    return bool(select.select([wall], [], [], seconds)[0])


def test_the_alarm_rings_at_its_time_and_not_before(wall):
    at = wall.now() + timedelta(seconds=0.2)
    wall.alarm(at)
    assert not rings(wall, 0.0)
    assert rings(wall, 30.0)
    assert wall.now() >= at
    wall.alarm(None)
    assert not rings(wall, 0.0)


def test_an_alarm_in_the_past_rings_at_once(wall):
    wall.alarm(datetime(2000, 1, 1, tzinfo=UTC))
    assert rings(wall, 30.0)
    wall.alarm(wall.now() + timedelta(days=1))
    assert not rings(wall, 0.0)


def test_the_kernel_is_asked_to_ring_when_the_clock_is_set(wall):
    """No test sets the clock of the machine; the kernel says what it was asked for."""
    wall.alarm(wall.now() + timedelta(days=1))
    facts = pathlib.Path(f"/proc/self/fdinfo/{wall.fileno()}").read_text(encoding="ascii")
    assert "clockid: 0\n" in facts
    assert f"settime flags: {ABSOLUTE | CANCEL_ON_SET:02o}\n" in facts
