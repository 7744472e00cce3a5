"""A JACK server that needs no sound card, and listeners at its MIDI ports."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import rtmidi

CLIENT = "ear"


@contextlib.contextmanager
def server(name: str) -> Iterator[str]:
    """Run one, called `name`."""
    choose(name)
    command = ["jackd", "-r", "-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as process:
        try:
            subprocess.run(["jack_wait", "-w", "-t", "10"], check=True, **quiet)
            yield name
        finally:
            process.terminate()


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
        self._port.cancel_callback()
        self._port.delete()

    def _hear(self, event: tuple[list[int], float], _data: object) -> None:
        self._heard.append((time.monotonic(), bytes(event[0])))
