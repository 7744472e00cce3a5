"""Regular files: the only ones that are read, and that are written over.

Opening a FIFO waits for somebody at its other end, a terminal or a device never ends, and a device
may act on being opened. So whatever a user names is looked at before it is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ORDINARY = "it is no ordinary file"


def read(path: Path, most: int, kind: str = "") -> bytes:
    """All bytes of a regular file; never waits for another program.

    Raises `OSError` for a file that is not there, is not regular, or holds over `most` bytes: then
    its text says that it is no `kind`, which is a noun.
    """
    check(path)
    # Without waiting, should the file have been replaced meanwhile.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _check(os.fstat(descriptor), path)
        content = file.read(most + 1)
    if len(content) > most:
        verdict = f"; it is no {kind}" if kind else ""
        raise OSError(errno.EFBIG, f"over {most} bytes{verdict}", str(path))
    return content


def check(path: Path) -> None:
    """Raise `OSError` for what is not there, or is no regular file. Nothing is opened."""
    try:
        status = path.stat()
    except ValueError as error:
        raise OSError(errno.EINVAL, "it is no name of a file", str(path)) from error
    _check(status, path)


def fault(path: Path) -> str:
    """Why a file can not be read, in a few words; empty where nothing is known against it."""
    try:
        check(path)
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return f"can not be read: {error.strerror}"
    return ""


def check_target(path: Path) -> None:
    """Raise `OSError` for what is there and is no regular file, so that it is not written over."""
    try:
        check(path)
    except FileNotFoundError:
        return
    except IsADirectoryError as error:
        raise OSError(errno.EINVAL, ORDINARY, str(path)) from error


def refuse_pipe(path: Path) -> None:
    """Raise `OSError` for a FIFO: to open one waits for a reader, and it can not be wound back."""
    if path.is_fifo():
        raise OSError(errno.EINVAL, ORDINARY, str(path))


def _check(status: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, ORDINARY, str(path))
