"""Who writes in a folder: a place of its own for each player, held while it lives.

The first player locks the folder itself; others that come while it lives lock files beside the
recordings, and name theirs by the number of their place.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class FolderClaim:
    """A place in `folder`, which is made where there is none. Raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        # What is there and is no folder is found out by opening it, and called by its name.
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
        self._path = folder
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._lock = -1
        self.place = 1
        """Of this player among those that write here now, from 1."""
        try:
            self._take()
        except OSError:
            self.close()
            raise

    def holds(self) -> bool:
        """Whether the folder is still there, and no other one in its place."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._folder))
        except OSError:
            return False

    def close(self) -> None:
        """Leave the place to others; again is harmless."""
        for file in {self._folder, self._lock} - {-1}:
            os.close(file)
        self._folder = self._lock = -1

    def _take(self) -> None:
        self._lock = self._folder
        for self.place in itertools.count(1):
            if self.place > 1:
                name = f".player-{self.place}.lock"
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
                self._lock = os.open(name, flags, 0o600, dir_fd=self._folder)
            if _locked(self._lock):
                return
            if self.place > 1:
                os.close(self._lock)
            self._lock = -1


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: new names alone keep players apart
    return True
