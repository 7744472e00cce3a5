"""A composer process: its command, its pipes, and the errors that it reports."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from stream.errors import ComposerError, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MALLOC_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""Environment that makes glibc return free arrays of this size and more to the system.

By default it keeps ever larger ones, some megabytes in all.
"""
HISTORY_VARIABLE = "PERPETUUM_HISTORY"
"""Name of the environment variable with the path of the history of what was played.

The player only holds that file open, from one composer to the next.
"""
CHUNK_BYTES = 65_536


def composer_command(voice: Path | str) -> list[str]:
    """Return the command that composes with the voice file `voice`."""
    return [sys.executable, "-m", "stream.compose", str(voice)]


def open_history() -> int:
    """Open a file in memory for the history of what was played. Raises `ComposerError`."""
    try:
        return os.memfd_create("history")
    except OSError as error:
        raise ComposerError(f"the composer cannot be started: {error.strerror}") from error


def raise_reported_error(document: Mapping[str, Any]) -> None:
    """Raise the error that a composer process reports in an answer, if it does."""
    if "error" in document:
        raise named(document.get("kind"))(document["error"])


@dataclass(frozen=True, slots=True)
class ComposerProcess:
    """A child process, and its pipes; reading from `output` does not block."""

    child: subprocess.Popen[bytes]
    input: IO[bytes]
    output: IO[bytes]

    @classmethod
    def start(cls, command: Sequence[str], history: int) -> Self:
        """Start `command` with the file descriptor of the history. Raises `ComposerError`."""
        try:
            child = subprocess.Popen(  # noqa: S603 (our own command)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                process_group=0,
                pass_fds=(history,),
                env=os.environ | MALLOC_ENVIRONMENT | {HISTORY_VARIABLE: f"/dev/fd/{history}"},
            )
        except OSError as error:
            raise ComposerError(
                f"the composer cannot be started: {command[0]}: {error.strerror}",
            ) from error
        if child.stdin is None or child.stdout is None:
            raise ComposerError("the composer has no pipes")
        os.set_blocking(child.stdout.fileno(), False)
        return cls(child, child.stdin, child.stdout)

    def send(self, line: bytes) -> None:
        """Write a request. A broken pipe shows again as the end of the output."""
        with contextlib.suppress(BrokenPipeError):
            self.input.write(line)

    def receive(self) -> bytes | None:
        """Return what was received; empty at the end of the output, None if nothing waits."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.output.fileno(), CHUNK_BYTES)
        return None

    def discard(self) -> None:
        """Kill the process without waiting for its end, and close its pipes."""
        self.child.kill()
        self.input.close()
        self.output.close()

    def close(self, seconds: float) -> None:
        """End the process by closing its input, else by a signal; wait `seconds` for each attempt.

        Closing again is harmless.
        """
        self.input.close()
        for end in (self.child.terminate, self.child.kill):
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                end()
        self.child.wait()
        self.output.close()
