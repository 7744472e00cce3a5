"""A hand: a process of its own that brings what people wish, as lines of JSON over a socket.

It may die, hang or babble: the music plays on. It is started again with growing pauses, and is
told nothing that it does not read.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream.errors import SettingsError
from stream.util.validate import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.util.event_wait import File

HAND = 3
"""The file descriptor of the socket, in the child."""
CHUNK_BYTES = 1024
"""Read in one turn, twenty commands or so: a note may be waiting, and other hands are read too."""
LONGEST_LINE = 65_536
"""Bytes of a command."""
UNREAD_BYTES = 4_000_000
"""Events that a hand may leave unread, minutes of them; then it is told no more until it reads."""
PAUSE_SECONDS = 60.0
"""At most between a death and the next start."""
STEADY_SECONDS = 60.0
"""Who has lived for longer may start again at once."""
MOST_NOTICES = 8
"""The last of a process that ended; the next one need not say them once more."""
MISUSED = 2
"""Exit status of a hand that can not do what it was started for: it is not started again."""


class _Life:
    """Readable when a process has ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._file = os.pidfd_open(pid)

    def fileno(self) -> int:
        return self._file

    def reap(self) -> int:
        """The exit status of a process that has ended."""
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class ControllerProcess:
    """The child process of `module`, which gets `settings` as JSON. Raises `SettingsError`."""

    def __init__(self, module: str, settings: Mapping[str, Any]) -> None:
        self.name = module.removeprefix("stream.")
        self.deadline: float | None = None
        """When `tend` is to be called (s, monotonic); None: it lives, or never will."""
        self._command = [sys.executable, "-m", module, json.dumps(settings)]
        self._failures = 0
        self._began = 0.0
        self._life: _Life | None = None
        self._line: socket.socket | None = None
        self._rest = b""
        self._unread = bytearray()
        self._said: deque[str] = deque(maxlen=MOST_NOTICES)
        self._known: set[str] = set()
        try:
            self._start()
        except OSError as error:
            raise SettingsError(f"{self.name} can not be started: {error.strerror}") from error

    def files(self) -> list[File]:
        """What to wait for: that it speaks, and that it ends."""
        return [file for file in (self._line, self._life) if file is not None]

    def read(self, ready: Sequence[File]) -> list[dict[str, Any]]:
        """The commands that have come; never waits. What is no JSON object is left out."""
        heard = self._receive() if self._line in ready else []
        commands = [command for command in heard if self._is_news(command)]
        if self._life in ready:
            self._bury()
        return commands

    def tell(self, event: bytes) -> None:
        """Send a line, or as much as the hand takes now and the rest with the next."""
        if self._line is None or len(self._unread) > UNREAD_BYTES:
            return
        self._unread += event
        with contextlib.suppress(OSError):  # full: later; broken: it ends
            while self._unread:
                del self._unread[: self._line.send(self._unread[:LONGEST_LINE])]

    def tend(self, now: float) -> bool:
        """Start it again if its pause is over; whether it was."""
        if self.deadline is None or now < self.deadline:
            return False
        try:
            self._start()
        except OSError:  # memory or descriptors are short: there may be more later
            self._put_off()
            return False
        return True

    def close(self) -> None:
        """End the process; again is harmless."""
        self._hang_up()
        self.deadline = None
        if self._life is not None:
            os.kill(self._life.pid, signal.SIGKILL)  # it keeps nothing
            self._life.reap()
            self._life = None

    def _start(self) -> None:
        """Raises `OSError`."""
        self.deadline = None
        self._known = set(self._said)
        self._said.clear()
        self._began = time.monotonic()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs, Path(os.devnull).open("r+b", buffering=0) as nothing:
            # A terminal belongs to the live view.
            quiet = (0, 1, 2) if os.isatty(2) else (0, 1)
            files = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), file) for file in quiet]
            files.append((os.POSIX_SPAWN_DUP2, theirs.fileno(), HAND))
            with contextlib.ExitStack() as failing:
                failing.callback(ours.close)
                pid = os.posix_spawn(
                    self._command[0], self._command, os.environ, file_actions=files, setpgroup=0
                )
                failing.callback(_end, pid)
                self._life = _Life(pid)
                failing.pop_all()
        self._line = ours

    def _is_news(self, command: dict[str, Any]) -> bool:
        """Whether it is no notice which the process before has told: a port that stays in use."""
        text = command.get("notice")
        if not isinstance(text, str):
            return True
        self._said.append(text)
        known = text in self._known
        self._known.discard(text)
        return not known

    def _receive(self) -> list[dict[str, Any]]:
        try:
            chunk = self._line.recv(CHUNK_BYTES) if self._line else b""
        except BlockingIOError:
            return []
        except OSError:
            chunk = b""
        if not chunk:
            self._hang_up()
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        return [found for line in lines if (found := _document(line)) is not None]

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        self._rest = b""
        self._unread.clear()

    def _bury(self) -> None:
        """Let a dead one go."""
        self._hang_up()
        status = self._life.reap() if self._life else 0
        self._life = None
        if status == MISUSED:
            return  # it has told why
        self._put_off()

    def _put_off(self) -> None:
        """Say when the next is started."""
        steady = time.monotonic() - self._began > STEADY_SECONDS
        self._failures = 0 if steady else self._failures + 1
        pause = min(2.0 ** (self._failures - 1), PAUSE_SECONDS) if self._failures else 0.0
        self.deadline = time.monotonic() + pause


def _end(pid: int) -> None:
    """End a process that can not be watched."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _document(line: bytes) -> dict[str, Any] | None:
    if len(line) <= LONGEST_LINE:
        with contextlib.suppress(ValueError):
            return parsed(line)
    return None
