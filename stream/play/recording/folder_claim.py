"""Locks that give every player its own number among those that record in a folder.

The first player locks the folder itself. Others that start while it runs lock files beside the
recordings, and put their number into the names of their files.
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
    """A claim on `folder`, which is created if it is missing. Raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        # Opening reports with its name what exists and is not a folder.
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True, exist_ok=True)
        self._path = folder
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._lock = -1
        self.player_number = 1
        """Number of this player among those that record here now, from 1."""
        try:
            self._lock_number()
        except OSError:
            self.close()
            raise

    def holds(self) -> bool:
        """Return True while the folder is still there and was not replaced."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._folder))
        except OSError:
            return False

    def close(self) -> None:
        """Release the claim; calling it again is harmless."""
        for file in {self._folder, self._lock} - {-1}:
            os.close(file)
        self._folder = self._lock = -1

    def _lock_number(self) -> None:
        self._lock = self._folder
        for self.player_number in itertools.count(1):
            if self.player_number > 1:
                name = f".player-{self.player_number}.lock"
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
                self._lock = os.open(name, flags, 0o600, dir_fd=self._folder)
            if _try_lock(self._lock):
                return
            if self.player_number > 1:
                os.close(self._lock)
            self._lock = -1


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: new file names alone keep players apart
    return True
