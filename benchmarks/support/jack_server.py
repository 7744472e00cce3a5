"""A JACK server that needs no sound card, and MIDI captures at its ports."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import IO, Self

import rtmidi

from stream.midi_in.port_source import close_receiver

CLIENT = "capture"
REGISTRY = pathlib.Path("/dev/shm/jack-shm-registry")  # noqa: S108 -- JACK's own path
ATTEMPTS = 3


@contextlib.contextmanager
def server(name: str) -> Iterator[str]:
    """Run a server called `name`, and make this process its client."""
    choose(name)
    remove_stale_registry()
    with running(name, period=256):
        yield name


@contextlib.contextmanager
def running(name: str, period: int) -> Iterator[None]:
    """Run a server called `name`, with cycles of `period` frames at 48 kHz.

    On a busy machine it may need several attempts. Raises `RuntimeError` if all of them fail.
    """
    with tempfile.TemporaryFile("w+") as log, _started(name, period, log) as process:
        try:
            yield
        finally:
            process.terminate()


def _started(name: str, period: int, log: IO[str]) -> subprocess.Popen[str]:
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", str(period)]
    wait = ["jack_wait", "-s", name, "-w", "-t", "20"]
    for _ in range(ATTEMPTS):
        process = subprocess.Popen(command, stdout=log, stderr=log, text=True)
        if subprocess.run(wait, stdout=log, stderr=log, check=False).returncode == 0:
            return process
        process.terminate()
        process.wait()
    log.seek(0)
    message = f"JACK does not start: {log.read()}"
    raise RuntimeError(message)


def remove_stale_registry() -> None:
    """Unlink the registry if no process uses it.

    A killed server never frees its entry, and there are only eight. Servers and their clients keep
    the registry mapped; a client that has lost it finds no server any more.
    """
    if not any(str(REGISTRY) in maps for maps in _maps()):
        REGISTRY.unlink(missing_ok=True)


def _maps() -> Iterator[str]:
    """Yield the memory maps of each process whose maps may be read."""
    for process in pathlib.Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):  # it has ended since, or belongs to another user
            yield process.read_text(errors="replace")


def choose(name: str) -> None:
    """Make this program, and all that it starts, clients of the server `name`."""
    os.environ.update(
        JACK_DEFAULT_SERVER=name,
        JACK_NO_START_SERVER="1",
        MIDO_BACKEND="mido.backends.rtmidi/UNIX_JACK",
    )


def wait() -> None:
    """Wait until the server answers: after a client was killed it may take ten seconds."""
    command = ["jack_wait", "-w", "-t", "30"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


class PortCapture:
    """Captures MIDI at a port of its own, called `name`, or at the player's port of that name."""

    def __init__(self, name: str, *, ours: bool) -> None:
        self._name = name
        self._waits = not ours
        self._messages: list[tuple[float, bytes]] = []
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=name if ours else f"{CLIENT}-{name}")
        self._port.ignore_types(sysex=False, timing=False, active_sense=False)
        self._port.set_callback(self._receive)
        if ours:
            self._port.open_virtual_port("in")

    @property
    def data(self) -> bytes:
        """All bytes that arrived."""
        return b"".join(message for _, message in tuple(self._messages))

    @property
    def stamps(self) -> list[float]:
        """Times of arrival of the messages (s, monotonic)."""
        return [at for at, _ in tuple(self._messages)]

    def connect(self) -> bool:
        """Connect to the player's port if it is there; return whether there is a connection."""
        if self._waits:
            for index, name in enumerate(self._port.get_ports()):
                if name.endswith(f":{self._name}"):
                    self._port.open_port(index)
                    self._waits = False
                    break
        return not self._waits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        close_receiver(self._port)

    def _receive(self, event: tuple[list[int], float], _data: object) -> None:
        self._messages.append((time.monotonic(), bytes(event[0])))
