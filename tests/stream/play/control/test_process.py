"""Hands are processes: whatever they do, the player never waits for them."""

import json
import os
import pathlib
import select
import signal
import sys

import pytest

from stream.errors import SettingsError
from stream.play.control import process
from stream.play.control.process import (
    PAUSE_SECONDS,
    STEADY_SECONDS,
    UNREAD_BYTES,
    ControllerProcess,
)
from tests.data.wayward_hand import WORDS

ROOT = pathlib.Path(__file__).parents[4]
SOON = 30.0
"""A bound for the machine's sake; nothing here takes as long."""


@pytest.fixture
def started(monkeypatch):
    """Start a hand with a fault."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    hands = []

    def start(fault):
        hands.append(ControllerProcess("tests.data.wayward_hand", {"does": fault}))
        return hands[-1]

    yield start
    for hand in hands:
        hand.close()


class Clock:
    """Stands where it is put."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(process, "time", clock)
    return clock


def heard(hand, until):
    """The commands that come until one of them, or a death, is `until`."""
    commands = []
    while not until(commands):
        ready = select.select(hand.files(), [], [], SOON)[0]
        assert ready
        commands += hand.read(ready)
    return commands


def buried(hand):
    """Wait for its death."""
    return heard(hand, lambda _: hand._life is None)


def event(value):
    return json.dumps({"notice": value}).encode() + b"\n"


def test_what_it_hears_and_says_comes_whole_and_in_order(started):
    hand = started("echo")
    events = [{"notice": "x" * length} for length in (0, 1, 5000, 60_000)]
    for each in events:
        hand.tell(json.dumps(each).encode() + b"\n")
    assert heard(hand, lambda commands: len(commands) == len(events)) == events


def test_what_is_no_command_is_left_out(started):
    hand = started("speak")
    assert heard(hand, lambda commands: len(commands) == 2) == [{"panic": True}, {"next": True}]


def test_one_that_babbles_is_read_a_bit_at_a_time(started):
    hand = started("babble")
    commands = heard(hand, lambda commands: len(commands) > 20)
    assert {name for command in commands for name in command} <= {"panic", "next", "notice"}
    # However much there is to read, one turn reads no more than a chunk.
    select.select(hand.files(), [], [], SOON)
    assert len(hand.read(hand.files())) <= process.CHUNK_BYTES // len(b'{"next":true}\n')
    assert len(hand._rest) <= process.LONGEST_LINE + process.CHUNK_BYTES
    assert len(WORDS) > process.LONGEST_LINE


def test_nothing_is_awaited_of_one_that_says_nothing(started):
    hand = started("hang")
    assert hand.read([]) == []
    assert hand.read(hand.files()[:1]) == []  # its socket, though there is nothing to read


def test_one_that_does_not_read_is_told_no_more_and_costs_bounded_memory(started):
    hand = started("hang")
    line = event("x" * 10_000)
    for _ in range(2 * UNREAD_BYTES // len(line)):
        hand.tell(line)
    assert UNREAD_BYTES < len(hand._unread) <= UNREAD_BYTES + len(line)


def test_after_it_was_busy_it_hears_whole_events(started):
    hand = started("echo")
    os.kill(hand._life.pid, signal.SIGSTOP)
    events = [f"{i} {'x' * 2000}" for i in range(300)]
    for each in events:
        hand.tell(event(each))
    assert hand._unread
    os.kill(hand._life.pid, signal.SIGCONT)

    def all_there(commands):
        hand.tell(b"")  # the rest goes on with the next event
        return len(commands) == len(events)

    assert [command["notice"] for command in heard(hand, all_there)] == events


def test_a_dead_one_is_started_again_after_pauses_that_grow(started, clock):
    hand = started("die")
    pauses = []
    for _ in range(9):
        assert hand.deadline is None
        assert buried(hand) == []
        assert hand.files() == []
        hand.tell(event("nobody hears it"))
        pauses.append(hand.deadline - clock.now)
        assert not hand.tend(hand.deadline - 0.001)
        clock.now = hand.deadline
        assert hand.tend(clock.now)
    assert pauses == [1, 2, 4, 8, 16, 32, PAUSE_SECONDS, PAUSE_SECONDS, PAUSE_SECONDS]


def test_one_that_has_lived_for_long_is_started_at_once(started, clock):
    hand = started("echo")
    clock.now += STEADY_SECONDS + 1
    os.kill(hand._life.pid, signal.SIGKILL)
    buried(hand)
    assert hand.deadline == clock.now
    assert hand.tend(clock.now)
    hand.tell(event("again"))
    assert heard(hand, len) == [{"notice": "again"}]


def test_one_that_is_misused_says_why_and_is_not_started_again(started):
    hand = started("misuse")
    assert buried(hand) == [{"notice": "no such address"}]
    assert (hand.deadline, hand.files()) == (None, [])
    assert not hand.tend(float("inf"))


def test_what_is_wrong_each_time_is_told_once(started, clock):
    hand = started("complain")
    assert buried(hand) == [{"notice": "the port is in use"}]
    for _ in range(3):
        clock.now = hand.deadline
        assert hand.tend(clock.now)
        assert buried(hand) == []


def test_what_is_wrong_anew_is_told_again(started, clock):
    hand = started("echo")
    for _ in range(2):
        hand.tell(event("no keyboard") * 3)
        expected = 3 if hand._known == set() else 2
        assert (
            heard(hand, lambda told, n=expected: len(told) == n)
            == [{"notice": "no keyboard"}] * expected
        )
        os.kill(hand._life.pid, signal.SIGKILL)
        buried(hand)
        clock.now = hand.deadline
        assert hand.tend(clock.now)


def test_one_that_hangs_up_is_told_nothing_more(started):
    hand = started("close")
    assert heard(hand, lambda _: len(hand.files()) == 1) == []
    hand.tell(event("nobody hears it"))
    assert not hand._unread
    os.kill(hand._life.pid, signal.SIGKILL)
    buried(hand)
    assert hand.deadline is not None


def test_where_it_can_not_be_started_again_that_is_tried_later(started, clock, monkeypatch):
    hand = started("die")
    buried(hand)

    def spawn(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_spawn", spawn)
        for pause in (2, 4):
            clock.now += STEADY_SECONDS + 100  # the player was busy for long
            assert not hand.tend(clock.now)
            assert (hand.deadline, hand.files()) == (clock.now + pause, [])
    clock.now = hand.deadline
    assert hand.tend(clock.now)


@pytest.mark.parametrize("call", ["pidfd_open", "posix_spawn"])
def test_where_descriptors_are_short_nothing_is_left_of_a_start(started, clock, monkeypatch, call):
    """Neither a process that nobody watches, nor an open file."""

    def short(*_, **__):
        raise OSError(24, "Too many open files")

    def spawn(*arguments, **options):
        begun.append(os_spawn(*arguments, **options))
        return begun[-1]

    begun, os_spawn = [], os.posix_spawn
    monkeypatch.setattr(os, "posix_spawn", spawn)
    hand = started("die")
    buried(hand)
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (numbers, no files)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, short)
        clock.now = hand.deadline
        assert not hand.tend(clock.now)
    assert len(os.listdir("/proc/self/fd")) == files  # noqa: PTH208
    for pid in begun:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    clock.now = hand.deadline
    assert hand.tend(clock.now)


def test_one_that_can_not_be_started_at_all_is_an_error(started, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(ROOT / "no" / "python"))
    with pytest.raises(SettingsError, match=r"wayward_hand can not be started: No such file"):
        started("echo")


def test_closed_it_is_gone_and_stays_gone(started):
    hand = started("hang")
    pid = hand._life.pid
    hand.close()
    hand.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (hand.files(), hand.deadline, hand.tend(float("inf"))) == ([], None, False)
