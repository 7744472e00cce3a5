"""A controller: a child process that sends people's commands, as lines of JSON over a socket.

It may die, hang or send anything; the music continues. It is restarted with growing pauses, and
receives no events while it does not read.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream.errors import SettingsError
from stream.play.child_supervisor import ChildSupervisor, RestartPolicy
from stream.util.json_lines import JsonLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stream.util.event_wait import File

CHILD_FILENO = 3
"""File descriptor of the socket in the child process."""
CHUNK_BYTES = 1024
"""Bytes read at once, about twenty commands: a note may be due, and other controllers wait."""
LONGEST_LINE = 65_536
"""Bytes of a command."""
UNSENT_BYTES = 4_000_000
"""Bytes of events, minutes of them, above which events are dropped until the controller reads."""
RESTARTS = RestartPolicy(longest_pause=60.0, steady_seconds=60.0)
MOST_NOTICES = 8
"""Notices, counted from the last one of a process, that its successor need not repeat."""
MISUSED = 2
"""Exit status of a controller that cannot do what it was started for; it is not restarted."""


class ControllerProcess:
    """The child process of `module`, which gets `settings` as JSON. Raises `SettingsError`.

    `clock` gives monotonic seconds; `farewell` is the time (s) in which it may end by itself.
    """

    def __init__(
        self,
        module: str,
        settings: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
        farewell: float = 0.0,
    ) -> None:
        self._farewell = farewell
        self.name = module.removeprefix("stream.")
        self._command = [sys.executable, "-m", module, json.dumps(settings)]
        self._clock = clock
        self._supervisor = ChildSupervisor(RESTARTS)
        self._notices = NoticeFilter()
        self._child: ChildHandle | None = None
        self._socket: socket.socket | None = None
        self._lines = JsonLines(LONGEST_LINE)
        self._unsent = bytearray()
        try:
            self._start()
        except OSError as error:
            raise SettingsError(f"{self.name} cannot be started: {error.strerror}") from error

    @property
    def deadline(self) -> float | None:
        """Time of the next restart (s, monotonic); None if none is due."""
        return self._supervisor.deadline

    @property
    def running(self) -> bool:
        """True if the process runs; False while it pauses, or if it will not start again."""
        return self._child is not None

    def files(self) -> list[File]:
        """Return the files that are readable when it has sent something, or has ended."""
        return [file for file in (self._socket, self._child) if file is not None]

    def read(self, ready: Sequence[File]) -> list[dict[str, Any]]:
        """Return the commands that have arrived; never wait. Skip what is not a JSON object."""
        received = self._receive() if self._socket in ready else []
        commands = [command for command in received if self._notices.passes(command)]
        if self._child in ready:
            self._note_end()
        return commands

    def send(self, event: bytes) -> None:
        """Send a line, or what the controller takes now, and the rest with the next line."""
        if self._socket is None or len(self._unsent) > UNSENT_BYTES:
            return
        self._unsent += event
        with contextlib.suppress(OSError):  # full: the rest goes later; broken: its end follows
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:LONGEST_LINE])]

    def restart_if_due(self, now: float) -> bool:
        """Restart it if its pause is over. Return True if it was restarted."""
        if not self._supervisor.is_due(now):
            return False
        try:
            self._start()
        except OSError:  # memory or descriptors are short: there may be more later
            self._supervisor.not_started(self._clock())
            return False
        return True

    def close(self) -> None:
        """End the process; closing again is harmless."""
        self._close_socket()
        self._supervisor.close()
        if self._child is not None:
            if self._farewell:  # the end of the socket has told it
                select.select([self._child], [], [], self._farewell)
            os.kill(self._child.pid, signal.SIGKILL)  # it has nothing to save
            self._child.reap()
            self._child = None

    def _start(self) -> None:
        """Start the process. Raises `OSError`."""
        self._child, self._socket = _spawn(self._command)
        self._notices.restart()
        self._supervisor.started(self._clock())

    def _receive(self) -> list[dict[str, Any]]:
        try:
            chunk = self._socket.recv(CHUNK_BYTES) if self._socket else b""
        except BlockingIOError:
            return []
        except OSError:
            chunk = b""
        if not chunk:
            self._close_socket()
        return list(self._lines.objects(chunk))

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._lines = JsonLines(LONGEST_LINE)
        self._unsent.clear()

    def _note_end(self) -> None:
        """Schedule the restart of a process that has ended, unless it was misused."""
        self._close_socket()
        status = self._child.reap() if self._child else 0
        self._child = None
        if status == MISUSED:
            self._supervisor.close()
        else:
            self._supervisor.ended(self._clock())


class NoticeFilter:
    """Filters the notices that a controller repeats after a restart, such as a port in use."""

    def __init__(self) -> None:
        self._sent: deque[str] = deque(maxlen=MOST_NOTICES)
        self._repeatable: set[str] = set()

    def restart(self) -> None:
        """Expect the new process to repeat the notices that were sent until now."""
        self._repeatable = set(self._sent)
        self._sent.clear()

    def passes(self, command: Mapping[str, Any]) -> bool:
        """Return True unless the command is a known notice; each is filtered once."""
        text = command.get("notice")
        if not isinstance(text, str):
            return True
        self._sent.append(text)
        is_repeat = text in self._repeatable
        self._repeatable.discard(text)
        return not is_repeat


class ChildHandle:
    """A handle of a process, readable once the process has ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._file = os.pidfd_open(pid)

    def fileno(self) -> int:
        return self._file

    def reap(self) -> int:
        """Return the exit status of a process that has ended."""
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _spawn(command: list[str]) -> tuple[ChildHandle, socket.socket]:
    """Start a process with one end of a socket; return the process and the other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with contextlib.ExitStack() as failing:
        failing.callback(ours.close)
        with theirs, _file_actions(theirs) as actions:
            pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions, setpgroup=0)
        failing.callback(_kill, pid)
        child = ChildHandle(pid)
        failing.pop_all()
    return child, ours


@contextlib.contextmanager
def _file_actions(theirs: socket.socket) -> Iterator[list[tuple[int, int, int]]]:
    """Redirect a child's standard files to /dev/null, its errors only if they go to a terminal."""
    with Path(os.devnull).open("r+b", buffering=0) as nothing:
        quiet = (0, 1, 2) if os.isatty(2) else (0, 1)  # a terminal belongs to the live view
        actions = [(os.POSIX_SPAWN_DUP2, nothing.fileno(), file) for file in quiet]
        yield [*actions, (os.POSIX_SPAWN_DUP2, theirs.fileno(), CHILD_FILENO)]


def _kill(pid: int) -> None:
    """End a process that has no handle."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
