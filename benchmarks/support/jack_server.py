"""A JACK server that needs no sound card, and listeners at its MIDI ports."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

import rtmidi

from stream.midi_in.port_source import close_receiver

CLIENT = "ear"


REGISTRY = pathlib.Path("/dev/shm/jack-shm-registry")  # noqa: S108 -- where JACK keeps it
ATTEMPTS = 3


@contextlib.contextmanager
def server(name: str) -> Iterator[str]:
    """Run one, called `name`, and be its client."""
    choose(name)
    forget_the_dead()
    with running(name, period=256):
        yield name


@contextlib.contextmanager
def running(name: str, period: int) -> Iterator[None]:
    """Run one, called `name`, with cycles of `period` frames at 48 kHz.

    On a busy machine it may not come up at once: `RuntimeError` says why it did not at all.
    """
    with tempfile.TemporaryFile("w+") as words, _started(name, period, words) as process:
        try:
            yield
        finally:
            process.terminate()


def _started(name: str, period: int, words: IO[str]) -> subprocess.Popen[str]:
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", str(period)]
    wait = ["jack_wait", "-s", name, "-w", "-t", "20"]
    for _ in range(ATTEMPTS):
        process = subprocess.Popen(command, stdout=words, stderr=words, text=True)
        if subprocess.run(wait, stdout=words, stderr=words, check=False).returncode == 0:
            return process
        process.terminate()
        process.wait()
    words.seek(0)
    message = f"JACK does not start: {words.read()}"
    raise RuntimeError(message)


def forget_the_dead() -> None:
    """Unlink the registry if nobody uses it: the eight places of the killed are never free again.

    Servers and their clients keep it mapped; a client that has lost it finds no server any more.
    """
    if not any(str(REGISTRY) in maps for maps in _maps()):
        REGISTRY.unlink(missing_ok=True)


def _maps() -> Iterator[str]:
    """What each process has mapped, as far as we may know."""
    for process in pathlib.Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):  # it has ended since, or is somebody else's
            yield process.read_text(errors="replace")


def choose(name: str) -> None:
    """Let this program, and all that it starts, be clients of the server `name`."""
    os.environ.update(
        JACK_DEFAULT_SERVER=name,
        JACK_NO_START_SERVER="1",
        MIDO_BACKEND="mido.backends.rtmidi/UNIX_JACK",
    )


def wait() -> None:
    """Until the server answers: after a client was killed it may take ten seconds."""
    command = ["jack_wait", "-w", "-t", "30"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


class PortEar:
    """Listens at a port of its own, called `name`; or at the player's, once `name` is there."""

    def __init__(self, name: str, *, ours: bool) -> None:
        self._name = name
        self._waits = not ours
        self._heard: list[tuple[float, bytes]] = []
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=name if ours else f"{CLIENT}-{name}")
        self._port.ignore_types(sysex=False, timing=False, active_sense=False)
        self._port.set_callback(self._hear)
        if ours:
            self._port.open_virtual_port("in")

    @property
    def data(self) -> bytes:
        """All that came."""
        return b"".join(message for _, message in tuple(self._heard))

    @property
    def stamps(self) -> list[float]:
        """When each message came (s, monotonic)."""
        return [at for at, _ in tuple(self._heard)]

    def seek(self) -> bool:
        """Whether we are connected, or have just been."""
        if self._waits:
            for index, name in enumerate(self._port.get_ports()):
                if name.endswith(f":{self._name}"):
                    self._port.open_port(index)
                    self._waits = False
                    break
        return not self._waits

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        close_receiver(self._port)

    def _hear(self, event: tuple[list[int], float], _data: object) -> None:
        self._heard.append((time.monotonic(), bytes(event[0])))
