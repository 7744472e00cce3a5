"""The file of the paired browsers, which several panels and `perpetuum pairs` share.

Only its owner may read it. It is replaced in one step, under a lock on its folder. A file that is
damaged, or that another account may write, is set aside, never overwritten.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stream.pairs.document import Pairs
from stream.util.atomic_write import put
from stream.util.unused_name import unused

FILE, ASIDE = "pairs.json", "pairs-aside.json"
MOST_BYTES = 200_000
LOCK_SECONDS, TRY_SECONDS = 2.0, 0.02
"""Longest wait for another program that writes, and the interval of the tries."""
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH

Signature = tuple[int, int, int] | None


class UnusableError(ValueError):
    """The file is damaged, or another account may have written it."""


class PairStore:
    """The file in `folder`, which is made when something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE

    def signature(self) -> Signature:
        """Return what differs after each change of the file; None without a file.

        Raises `OSError` if that is not known.
        """
        try:
            status = self.path.lstat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> Pairs:
        """Return the content. Raises `UnusableError` and `OSError`."""
        try:
            with self._opened() as folder:
                return _read(folder)
        except FileNotFoundError:
            return Pairs()

    def change(self, change: Callable[[Pairs], Pairs]) -> tuple[Pairs, str]:
        """Change the content; return it, and a notice about a file that was set aside, or "".

        Raises `OSError`, also for a folder that another account may write to.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            self.folder.mkdir(mode=0o700)
        with self._opened() as folder, _locked(folder):
            notice = ""
            try:
                before = _read(folder)
            except FileNotFoundError:
                before = Pairs()
            except UnusableError as error:
                notice = self._set_aside(folder, error)
                before = Pairs()
            after = change(before)
            if after != before:
                _write(folder, after.content())
        return after, notice

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder. Raises `OSError` if it is not this account's alone."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            status = os.fstat(folder)
            # Root manages the folders of services.
            if status.st_uid != os.geteuid() != 0 or status.st_mode & OTHERS_WRITE:
                raise PermissionError(
                    errno.EPERM, "belongs to another account, or is open to others", self.folder
                )
            if status.st_mode & 0o077:
                os.fchmod(folder, 0o700)
            yield folder
        finally:
            os.close(folder)

    def _set_aside(self, folder: int, error: UnusableError) -> str:
        name = unused(self.folder / ASIDE).name
        os.rename(FILE, name, src_dir_fd=folder, dst_dir_fd=folder)
        return f"{self.path}: {error}; kept as {name}; browsers have to pair again"


def _read(folder: int) -> Pairs:
    """Read the file. Raises `FileNotFoundError`, `OSError` and `UnusableError`."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    try:
        file = os.open(FILE, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnusableError("it is a link") from error
        raise
    try:
        status, owner = os.fstat(file), os.fstat(folder).st_uid
        if not stat.S_ISREG(status.st_mode):
            raise UnusableError("it is not a regular file")
        if status.st_uid != owner or status.st_mode & OTHERS_WRITE:
            raise UnusableError("another account may have written it")
        if status.st_mode & 0o077:
            os.fchmod(file, 0o600)
        content = os.read(file, MOST_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MOST_BYTES:
        raise UnusableError(f"it has over {MOST_BYTES} bytes")
    try:
        return Pairs.parse(content)
    except ValueError as error:
        raise UnusableError(f"it is damaged ({error})") from error


def _write(folder: int, content: bytes) -> None:
    """Replace the file in one step. Raises `OSError`; then the old one is unchanged."""
    draft = f".{FILE}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(draft, flags, 0o600, dir_fd=folder)
    try:
        status = os.fstat(folder)
        if os.geteuid() == 0:
            os.fchown(file, status.st_uid, status.st_gid)
        put(file, content, 0)
        os.fsync(file)
        os.rename(draft, FILE, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(draft, dir_fd=folder)
        raise
    finally:
        os.close(file)
    with contextlib.suppress(OSError):
        os.fsync(folder)


@contextlib.contextmanager
def _locked(folder: int) -> Iterator[None]:
    """Lock the folder. Raises `OSError` if another program keeps it locked."""
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise OSError(errno.EBUSY, "another program keeps it locked") from error
            time.sleep(TRY_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)
