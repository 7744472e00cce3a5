"""Controllers are processes: whatever they do, the player never waits for them."""

import json
import os
import pathlib
import select
import signal
import sys

import pytest

from stream.errors import SettingsError
from stream.play.control import process
from stream.play.control.process import RESTARTS, UNSENT_BYTES, ControllerProcess
from tests.data.faulty_controller import LINES

ROOT = pathlib.Path(__file__).parents[4]
SOON = 30.0
"""A bound for the machine's sake; nothing here takes as long."""


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def started(monkeypatch, clock):
    """Start a controller with a fault."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    controllers = []

    def start(fault):
        module = "tests.data.faulty_controller"
        controllers.append(ControllerProcess(module, {"fault": fault}, clock))
        return controllers[-1]

    yield start
    for controller in controllers:
        controller.close()


def received(controller, until):
    """Return the commands that come until `until` accepts them."""
    commands = []
    while not until(commands):
        ready = select.select(controller.files(), [], [], SOON)[0]
        assert ready
        commands += controller.read(ready)
    return commands


def ended(controller):
    """Wait for its end; return the commands before."""
    return received(controller, lambda _: controller._child is None)


def event(value):
    return json.dumps({"notice": value}).encode() + b"\n"


def test_events_and_commands_come_whole_and_in_order(started):
    controller = started("echo")
    events = [{"notice": "x" * length} for length in (0, 1, 5000, 60_000)]
    for each in events:
        controller.send(json.dumps(each).encode() + b"\n")
    assert received(controller, lambda commands: len(commands) == len(events)) == events


def test_invalid_commands_are_left_out(started):
    controller = started("speak")
    assert received(controller, lambda commands: len(commands) == 2) == [
        {"panic": True},
        {"next": True},
    ]


def test_one_that_never_stops_sending_is_read_a_chunk_at_a_time(started):
    controller = started("babble")
    commands = received(controller, lambda commands: len(commands) > 20)
    assert {name for command in commands for name in command} <= {"panic", "next", "notice"}
    # However much there is to read, one turn reads no more than a chunk.
    select.select(controller.files(), [], [], SOON)
    assert len(controller.read(controller.files())) <= process.CHUNK_BYTES // len(
        b'{"next":true}\n'
    )
    assert len(controller._lines._line) <= process.LONGEST_LINE + process.CHUNK_BYTES
    assert len(LINES) > process.LONGEST_LINE


def test_reading_from_one_that_sends_nothing_does_not_block(started):
    controller = started("hang")
    assert controller.read([]) == []
    assert (
        controller.read(controller.files()[:1]) == []
    )  # its socket, though there is nothing to read


def test_one_that_does_not_read_costs_bounded_memory(started):
    controller = started("hang")
    line = event("x" * 10_000)
    for _ in range(2 * UNSENT_BYTES // len(line)):
        controller.send(line)
    assert UNSENT_BYTES < len(controller._unsent) <= UNSENT_BYTES + len(line)


def test_after_it_was_stopped_it_receives_whole_events(started):
    controller = started("echo")
    os.kill(controller._child.pid, signal.SIGSTOP)
    events = [f"{i} {'x' * 2000}" for i in range(300)]
    for each in events:
        controller.send(event(each))
    assert controller._unsent
    os.kill(controller._child.pid, signal.SIGCONT)

    def all_there(commands):
        controller.send(b"")  # the rest goes on with the next event
        return len(commands) == len(events)

    assert [command["notice"] for command in received(controller, all_there)] == events


def test_one_that_dies_is_restarted_after_growing_pauses(started, clock):
    controller = started("die")
    pauses = []
    for _ in range(9):
        assert controller.deadline is None
        assert ended(controller) == []
        assert controller.files() == []
        controller.send(event("it reads nothing"))
        pauses.append(controller.deadline - clock.now)
        assert not controller.restart_if_due(controller.deadline - 0.001)
        clock.now = controller.deadline
        assert controller.restart_if_due(clock.now)
    assert pauses == [
        1,
        2,
        4,
        8,
        16,
        32,
        RESTARTS.longest_pause,
        RESTARTS.longest_pause,
        RESTARTS.longest_pause,
    ]


def test_one_that_has_run_for_long_is_restarted_at_once(started, clock):
    controller = started("echo")
    clock.now += RESTARTS.steady_seconds + 1
    os.kill(controller._child.pid, signal.SIGKILL)
    ended(controller)
    assert controller.deadline == clock.now
    assert controller.restart_if_due(clock.now)
    controller.send(event("again"))
    assert received(controller, len) == [{"notice": "again"}]


def test_one_that_is_misused_sends_the_reason_and_is_not_restarted(started):
    controller = started("misuse")
    assert ended(controller) == [{"notice": "no such address"}]
    assert (controller.deadline, controller.files()) == (None, [])
    assert not controller.restart_if_due(float("inf"))


def test_a_notice_of_every_process_passes_once(started, clock):
    controller = started("complain")
    assert ended(controller) == [{"notice": "the port is in use"}]
    for _ in range(3):
        clock.now = controller.deadline
        assert controller.restart_if_due(clock.now)
        assert ended(controller) == []


def test_a_notice_that_is_sent_more_often_than_before_passes(started, clock):
    controller = started("echo")
    for _ in range(2):
        controller.send(event("no keyboard") * 3)
        expected = 3 if controller._notices._repeatable == set() else 2
        assert (
            received(controller, lambda commands, n=expected: len(commands) == n)
            == [{"notice": "no keyboard"}] * expected
        )
        os.kill(controller._child.pid, signal.SIGKILL)
        ended(controller)
        clock.now = controller.deadline
        assert controller.restart_if_due(clock.now)


def test_one_that_closes_its_socket_is_sent_nothing_more(started):
    controller = started("close")
    assert received(controller, lambda _: len(controller.files()) == 1) == []
    controller.send(event("it reads nothing"))
    assert not controller._unsent
    os.kill(controller._child.pid, signal.SIGKILL)
    ended(controller)
    assert controller.deadline is not None


def test_a_restart_that_fails_is_tried_again_later(started, clock, monkeypatch):
    controller = started("die")
    ended(controller)

    def spawn(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_spawn", spawn)
        for pause in (2, 4):
            clock.now += RESTARTS.steady_seconds + 100  # the player was busy for long
            assert not controller.restart_if_due(clock.now)
            assert (controller.deadline, controller.files()) == (clock.now + pause, [])
    clock.now = controller.deadline
    assert controller.restart_if_due(clock.now)


@pytest.mark.parametrize("call", ["pidfd_open", "posix_spawn"])
def test_a_start_that_fails_for_lack_of_descriptors_leaves_nothing_open(
    started, clock, monkeypatch, call
):
    """Neither a process without a handle nor an open file is left."""

    def short(*_, **__):
        raise OSError(24, "Too many open files")

    def spawn(*arguments, **options):
        begun.append(os_spawn(*arguments, **options))
        return begun[-1]

    begun, os_spawn = [], os.posix_spawn
    monkeypatch.setattr(os, "posix_spawn", spawn)
    controller = started("die")
    ended(controller)
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (numbers, no files)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, short)
        clock.now = controller.deadline
        assert not controller.restart_if_due(clock.now)
    assert len(os.listdir("/proc/self/fd")) == files  # noqa: PTH208
    for pid in begun:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    clock.now = controller.deadline
    assert controller.restart_if_due(clock.now)


def test_a_first_start_that_fails_is_an_error(started, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(ROOT / "no" / "python"))
    with pytest.raises(SettingsError, match=r"faulty_controller cannot be started: No such file"):
        started("echo")


def test_one_that_is_closed_has_ended_and_is_not_restarted(started):
    controller = started("hang")
    pid = controller._child.pid
    controller.close()
    controller.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (controller.files(), controller.deadline, controller.restart_if_due(float("inf"))) == (
        [],
        None,
        False,
    )
