"""Regular files, the only ones that are read and overwritten.

Opening a FIFO waits for a program at its other end, reading a terminal or a device never ends, and
opening a device may have an effect. So a file that a user names is checked before it is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

IRREGULAR = "it is not a regular file"


def read(path: Path, most: int, kind: str = "") -> bytes:
    """Return all bytes of a regular file, without waiting for another program.

    Raises `OSError` for a file that does not exist, is not regular, or has over `most` bytes; then
    the message says that it is not a `kind`, a noun such as `profile`.
    """
    check(path)
    # O_NONBLOCK, in case a FIFO has replaced the file since.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _check(os.fstat(descriptor), path)
        content = file.read(most + 1)
    if len(content) > most:
        verdict = f"; it is not a {kind}" if kind else ""
        raise OSError(errno.EFBIG, f"over {most} bytes{verdict}", str(path))
    return content


def check(path: Path) -> None:
    """Raise `OSError` unless a regular file exists at `path`. Nothing is opened."""
    try:
        status = path.stat()
    except ValueError as error:
        raise OSError(errno.EINVAL, "it is not a valid file name", str(path)) from error
    _check(status, path)


def fault(path: Path) -> str:
    """Return in a few words why a file cannot be read; an empty string if it seems readable."""
    try:
        check(path)
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def check_target(path: Path) -> None:
    """Raise `OSError` if `path` exists and is not a regular file, so that nothing overwrites it."""
    try:
        check(path)
    except FileNotFoundError:
        return
    except IsADirectoryError as error:
        raise OSError(errno.EINVAL, IRREGULAR, str(path)) from error


def refuse_pipe(path: Path) -> None:
    """Raise `OSError` for a FIFO: opening one waits for a reader, and it cannot be rewound."""
    if path.is_fifo():
        raise OSError(errno.EINVAL, IRREGULAR, str(path))


def _check(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, IRREGULAR, str(path))
