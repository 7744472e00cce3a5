"""Independent receivers: a pseudo-terminal for bytes, a JACK server for ports."""

import contextlib
import itertools
import os
import pathlib
import select
import subprocess
import sys
import termios
import threading
import tty

import mido
import pytest

from benchmarks.support.jack_server import running
from stream.play.timing.scheduler import OFF, ON, TimedMessage

DATA = pathlib.Path(__file__).parents[1] / "data"
PLAYER = [sys.executable, str(DATA / "play_fake.py")]
COMPOSER = [sys.executable, str(DATA / "fake_composer.py")]


class Receiver:
    """The far end of a serial line; `device` is the near one."""

    def __init__(self):
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        self.device = os.ttyname(self._slave)
        self.bytes = bytearray()
        self._unplugged = os.eventfd(0)
        self.arrived = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        with contextlib.suppress(OSError):
            while self._unplugged not in select.select([self.master, self._unplugged], [], [])[0]:
                chunk = os.read(self.master, 4096)
                with self.arrived:
                    self.bytes += chunk
                    self.arrived.notify_all()

    def wait_for(self, count):
        """Block until `count` bytes are here."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.bytes) >= count, timeout=30)

    def messages(self):
        """All that was received, once the senders have closed the line."""
        self.close()
        return mido.parse_all(self.bytes)

    def close(self):
        """Wait until all senders have closed the line."""
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None
            self._thread.join()
            os.close(self.master)
            os.close(self._unplugged)

    def unplug(self):
        """Be gone, whoever still sends."""
        if self._slave is not None:
            os.eventfd_write(self._unplugged, 1)
            self._thread.join()
            self.close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    # A player that a failed test has left, stopped perhaps, would be waited for without end.
    receiver.unplug()


@contextlib.contextmanager
def jack_server(name, patch):
    """A JACK server that needs no sound card, made the default one."""
    patch.setenv("JACK_DEFAULT_SERVER", name)
    patch.setenv("JACK_NO_START_SERVER", "1")
    with running(name, period=64):
        yield name


@pytest.fixture(scope="session")
def jack():
    """The name of a JACK server."""
    with (
        pytest.MonkeyPatch.context() as patch,
        jack_server(f"perpetuum-test-{os.getpid()}", patch) as name,
    ):
        yield name


@pytest.fixture
def player():
    """Start `play_fake.py` with arguments; it is ended with the test."""
    with contextlib.ExitStack() as leaving:

        def start(*arguments):
            child = leaving.enter_context(
                subprocess.Popen(
                    [*PLAYER, *map(str, arguments)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": str(DATA.parents[1])},
                ),
            )
            leaving.callback(child.kill)
            return child

        yield start


@pytest.fixture
def composer(monkeypatch):
    """The command of the fake composer with a fault."""
    monkeypatch.setenv("PYTHONPATH", str(DATA.parents[1]))
    return lambda *fault: [*COMPOSER, *map(str, fault)]


def on(time, pitch, channel=0, velocity=80):
    message = mido.Message("note_on", note=pitch, channel=channel, velocity=velocity)
    return TimedMessage(time, ON, message)


def off(time, pitch, channel=0):
    message = mido.Message("note_off", note=pitch, channel=channel, velocity=0)
    return TimedMessage(time, OFF, message)


def left_sounding(messages):
    """The notes that still sound after `messages`."""
    sounding = set()
    for message in messages:
        if message.type == "note_on":
            sounding.add((message.channel, message.note))
        elif message.type == "note_off":
            sounding.discard((message.channel, message.note))
    return sounding


def tail(messages):
    """(channel, controller, value) of the control changes at the end."""
    controls = itertools.takewhile(lambda m: m.type == "control_change", reversed(messages))
    return [(m.channel, m.control, m.value) for m in controls][::-1]


RESET = [(0, 64, 0), (0, 123, 0), (0, 120, 0)]
