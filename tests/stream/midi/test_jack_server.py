"""JACK servers that end while outputs play to them, and come back."""

import contextlib
import os
import pathlib
import select
import subprocess
import time

import pytest

from benchmarks.support.jack_server import running
from stream.errors import SinkError
from stream.midi.jack_server import ServerWatch
from stream.play.sinks.router import Router
from stream.play.sinks.rtmidi import PortSink, VirtualSink
from tests.stream.conftest import off, on


def connected(sink):
    """The sink once it is connected, and its client."""
    sink.connect()
    return sink, sink._client


@pytest.fixture
def server(monkeypatch):
    """Start a JACK server of this name, as often as it was ended."""
    name = f"perpetuum-back-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("MIDO_BACKEND", "mido.backends.rtmidi/UNIX_JACK")
    return lambda: running(name, period=64)


@contextlib.contextmanager
def dump():
    """A JACK client that prints each message that it receives at its port `input`."""
    command = ["stdbuf", "-oL", "jack_midi_dump", "-a", "dump"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as box:
        try:
            while "dump:input" not in subprocess.check_output(["jack_lsp"], text=True):
                assert box.poll() is None
            yield box.stdout
        finally:
            box.terminate()


def received(lines, count):
    return [" ".join(next(lines).partition(":")[2].split()[:3]).lower() for _ in range(count)]


def attend(outputs):
    """Wait for something to happen to the outputs, and see to it."""
    ready = select.select(outputs.files(), [], [], 30)[0]
    assert ready
    outputs.process_ready(ready, time.monotonic())


def bury(client):
    """Delete a client whose server has ended: outputs leave it, because that takes a second.

    Until then this process cannot go over to a server of another name, as other tests do.
    """
    client.delete()


RESETS = ["b0 40 00", "b0 7b 00", "b0 78 00"]


def test_a_port_is_lost_with_its_server_and_comes_back(server, capfd):
    with server(), dump() as lines:
        sink, client = connected(PortSink("dump"))
        outputs = Router([sink])
        outputs.send(on(0.0, 60))
        assert received(lines, 1) == ["90 3c 50"]
    while not outputs.lost:
        attend(outputs)
    bury(client)
    for note in range(5000):  # more than any buffer holds
        outputs.send(on(1.0, note % 128))
        outputs.send(off(1.0, note % 128))
    with server(), dump() as lines:
        while not outputs.reconnected:
            attend(outputs)
        outputs.send(on(2.0, 64))
        outputs.close()
        assert received(lines, 8) == ["80 3c 00", *RESETS, "90 40 50", "80 40 00", *RESETS[:2]]
    assert list(outputs.notices) == [
        "port:dump:input: lost (the JACK server has ended); start it again",
        "port:dump:input: connected",
    ]
    assert capfd.readouterr() == ("", "")


def test_a_port_of_our_own_is_lost_with_its_server_and_comes_back(server):
    with server():
        sink, client = connected(VirtualSink("song"))
        outputs = Router([sink])
    while not outputs.lost:
        attend(outputs)
    bury(client)
    with server(), dump() as lines:
        while not outputs.reconnected:
            attend(outputs)
        subprocess.run(["jack_connect", "Perpetuum:song", "dump:input"], check=True)
        outputs.send(on(1.0, 60))
        assert received(lines, 1) == ["90 3c 50"]
        outputs.close()
    assert outputs.names == ()


def test_nothing_is_written_to_a_server_that_is_gone(server):
    """A message sent just before the loss is noticed must not wait for a reader."""
    with server():
        sink, client = connected(VirtualSink("song"))
    with pytest.raises(SinkError, match=r"virtual:song: lost \(the JACK server has ended\)"):
        flood(sink)
    sink.lose()
    bury(client)


def flood(sink):
    """More than any buffer holds."""
    for note in range(5000):
        sink.send(on(0.0, note % 128))


def test_a_watch_without_a_server(server):
    before = open_files()
    with pytest.raises(SinkError, match="no server is running"):
        ServerWatch()
    with server():
        ended, closed = ServerWatch(), ServerWatch()
        assert not ended.gone()
        closed.close()
    assert select.select([ended], [], [], 30)[0]
    assert ended.gone()
    ended.close()
    assert open_files() <= before


def open_files():
    return len(list(pathlib.Path("/proc/self/fd").iterdir()))
