"""A folder of files that only this account may write, inside a folder that others may write to.

Before a file is trusted, its owner, its type, its permissions and its size are checked. The folder
stays open, so that no other account can replace it meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Permissions of other accounts to write."""


class PrivateFolder:
    """The folder at `path`. Raises `OSError` if it cannot be opened.

    That is a `PermissionError` if another account owns the folder or may write to it, or if there
    is a link in its place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ELOOP}:
                raise _untrusted(path) from error
            raise
        status = os.fstat(self._folder)
        if status.st_uid not in {os.getuid(), 0} or status.st_mode & OTHERS:
            self.close()
            raise _untrusted(path)

    @classmethod
    def made(cls, path: Path) -> Self:
        """Open the folder, creating it first if it does not exist."""
        path.mkdir(mode=0o700, exist_ok=True)
        return cls(path)

    def names(self, prefix: str) -> list[str]:
        """Return the sorted names in the folder that begin with `prefix`. Raises `OSError`."""
        found = os.listdir(self._folder)  # noqa: PTH208 (the folder that is held, not its path)
        return sorted(name for name in found if name.startswith(prefix))

    def create(self, name: str) -> int:
        """Create a file and open it for reading and writing. Raises `OSError`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.open(name, flags, 0o600, dir_fd=self._folder)

    def open(self, name: str, most_bytes: int) -> int:
        """Open a file of this account for reading. Raises `OSError`.

        That is a `PermissionError` unless it is a regular file of this account, of at most
        `most_bytes`, that no other account may write to. A FIFO is refused without waiting for it.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        file = os.open(name, flags, dir_fd=self._folder)
        status = os.fstat(file)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
        if not ours or status.st_mode & OTHERS or status.st_size > most_bytes:
            os.close(file)
            raise _untrusted(self.path / name)
        return file

    def remove(self, name: str) -> None:
        """Remove a file, if it exists. Raises `OSError`."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        os.close(self._folder)


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of what stays from one start to the next: the service's or the account's.

    The service's is in memory if it may not write to the disk. Raises `RuntimeError` if the account
    has no home folder.
    """
    if state := environment.get("STATE_DIRECTORY") or environment.get("RUNTIME_DIRECTORY"):
        # systemd separates several folders by colons.
        return Path(state.partition(":")[0])
    if state := environment.get("XDG_STATE_HOME"):
        return Path(state) / "perpetuum"
    return Path("~/.local/state/perpetuum").expanduser()


def _untrusted(path: Path) -> PermissionError:
    return PermissionError(
        errno.EPERM, "belongs to another account, or is open to others", str(path)
    )
