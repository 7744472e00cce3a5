"""The controller as the player starts it: a child with a stream socket as descriptor 3."""

import contextlib
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time

import pytest

from tests.stream.conftest import jack_server

ROOT = pathlib.Path(__file__).parents[3]
PATIENCE_SECONDS = 30


class Player:
    """The player's end of the socket."""

    def __init__(self, settings):
        self._socket, theirs = socket.socketpair()
        self._rest = b""
        self._stderr = None
        self.child = subprocess.Popen(
            [sys.executable, "-m", "stream.midi_in", json.dumps(settings)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=(3,),
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3),  # noqa: PLW1509 (one thread)
        )
        theirs.close()

    def send(self, event):
        self._socket.sendall(json.dumps(event).encode() + b"\n")

    def commands(self, patience=PATIENCE_SECONDS):
        """Yield commands until none has come for so long, or the controller has ended."""
        while True:
            while b"\n" in self._rest:
                line, _, self._rest = self._rest.partition(b"\n")
                yield json.loads(line)
            if not select.select([self._socket], [], [], patience)[0]:
                return
            data = self._socket.recv(65536)
            if not data:
                return
            self._rest += data

    def receive(self, count):
        """Return so many commands."""
        found = []
        for command in self.commands():
            found.append(command)
            if len(found) == count:
                return found
        raise AssertionError(f"no more than {found}")

    def close(self):
        """End the player; return the exit code and the error output of the controller."""
        self._socket.close()
        if self._stderr is None:
            self._stderr = self.child.communicate(timeout=PATIENCE_SECONDS)[1]
        return self.child.returncode, self._stderr


@pytest.fixture
def start():
    """Start a controller with settings; it is ended with the test."""
    with contextlib.ExitStack() as leaving:

        def start_controller(**settings):
            player = Player(settings)
            leaving.callback(player.close)
            return player

        yield start_controller


@pytest.fixture(scope="module")
def jack():
    """The name of a JACK server."""
    with (
        pytest.MonkeyPatch.context() as patch,
        jack_server(f"perpetuum-midi-{os.getpid()}", patch) as name,
    ):
        patch.setenv("MIDO_BACKEND", "mido.backends.rtmidi/UNIX_JACK")
        yield name


def until(moment):
    """Sleep to a moment (s, monotonic)."""
    time.sleep(max(moment - time.monotonic(), 0))
