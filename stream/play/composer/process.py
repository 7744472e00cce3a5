"""The composer as a process: its command, and how it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO, TYPE_CHECKING

from stream.errors import ComposerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FRUGAL = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""For the composer: glibc gives arrays of this size and more back to the system once they are free.
Left to itself it would keep ever larger ones, some megabytes in all."""
HEARD = "PERPETUUM_HEARD"
"""Names the memory of what was played; we only keep it, from one composer to the next."""


def composer_command(voice: Path | str) -> list[str]:
    """The command that composes with the voice file `voice`."""
    return [sys.executable, "-m", "stream.compose", str(voice)]


def heard_memory() -> int:
    """A file in memory for what was played. Raises `ComposerError`."""
    try:
        return os.memfd_create("heard")
    except OSError as error:
        raise ComposerError(f"the composer can not be started: {error.strerror}") from error


def started(
    command: Sequence[str], heard: int
) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
    """The process, its input, and its output, of which a read does not wait.

    `heard` is the file of what was played. Raises `ComposerError`.
    """
    try:
        child = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            process_group=0,
            pass_fds=(heard,),
            env=os.environ | FRUGAL | {HEARD: f"/dev/fd/{heard}"},
        )
    except OSError as error:
        raise ComposerError(
            f"the composer can not be started: {command[0]}: {error.strerror}",
        ) from error
    if child.stdin is None or child.stdout is None:
        raise ComposerError("the composer has no pipes")
    os.set_blocking(child.stdout.fileno(), False)
    return child, child.stdin, child.stdout
