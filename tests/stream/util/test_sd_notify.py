import socket

import pytest

from stream.util.sd_notify import Supervisor


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """The service manager's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield manager


def told(manager):
    messages = []
    while True:
        try:
            messages.append(manager.recv(100).decode())
        except BlockingIOError:
            return messages


def test_the_watchdog_is_fed_in_time_and_no_oftener(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "10000000")
    supervisor = Supervisor()
    supervisor.ready()
    for now in (0.0, 1.0, 3.9, 4.0, 5.0, 20.0):
        supervisor.feed(now)
    assert supervisor.deadline == 24.0
    supervisor.stopping()
    supervisor.close()
    assert told(manager) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(("usec", "pid"), [("", ""), ("x", ""), ("5000000", "1")])
def test_without_a_watchdog_of_ours(manager, monkeypatch, usec, pid):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    supervisor = Supervisor()
    supervisor.feed(10.0)
    assert supervisor.deadline is None
    assert told(manager) == []
    supervisor.close()


def test_an_abstract_socket(monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0perpetuum-test")
        monkeypatch.setenv("NOTIFY_SOCKET", "@perpetuum-test")
        supervisor = Supervisor()
        supervisor.ready()
        supervisor.close()
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/none/notify"])
def test_nobody_listens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "1")
    supervisor = Supervisor()
    supervisor.ready()
    supervisor.feed(1.0)
    supervisor.close()
