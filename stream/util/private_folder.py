"""A folder of files that only this account may write, in a place where others may put theirs.

Whatever lies there is looked at before it is trusted: who owns it, what it is, who may write to it
and how large it is. The folder is held open, so that nobody can put another in its place meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""That other accounts may write."""


class PrivateFolder:
    """The folder at `path`. Raises `OSError` where it can not be had.

    That is a `PermissionError` where another account owns the folder or may write to it, or where a
    link stands in its place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ELOOP}:
                raise _strange(path) from error
            raise
        status = os.fstat(self._folder)
        if status.st_uid not in {os.getuid(), 0} or status.st_mode & OTHERS:
            self.close()
            raise _strange(path)

    @classmethod
    def made(cls, path: Path) -> Self:
        """The same folder, made where there is none."""
        path.mkdir(mode=0o700, exist_ok=True)
        return cls(path)

    def names(self, prefix: str) -> list[str]:
        """Names in the folder that begin so, in order. Raises `OSError`."""
        found = os.listdir(self._folder)  # noqa: PTH208 (the folder that is held, not its path)
        return sorted(name for name in found if name.startswith(prefix))

    def create(self, name: str) -> int:
        """A new file, to read and to write. Raises `OSError`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.open(name, flags, 0o600, dir_fd=self._folder)

    def open(self, name: str, most_bytes: int) -> int:
        """A file of ours, to read. Raises `OSError`.

        That is a `PermissionError` for what is no ordinary file of this account, what others may
        write to, and what has more bytes. Nothing is waited for: a FIFO is refused, not read.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        file = os.open(name, flags, dir_fd=self._folder)
        status = os.fstat(file)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
        if not ours or status.st_mode & OTHERS or status.st_size > most_bytes:
            os.close(file)
            raise _strange(self.path / name)
        return file

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Raises `OSError`."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        os.close(self._folder)


def _strange(path: Path) -> PermissionError:
    return PermissionError(
        errno.EPERM, "belongs to another account, or is open to others", str(path)
    )
