"""Open paths below the root of another system, so that no link leads out of it.

Links are followed as the other system would follow them: an absolute one starts at its root, and
`..` ends there. Each folder is opened from the one before it, so that later changes of names have
no effect. Linux's `openat2` does the same with RESOLVE_IN_ROOT, but not on every kernel.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

MOST_LINKS = 40
"""Number of links that Linux follows in one path."""
MOST_BYTES = 4 << 20
"""Limit for files, above the length of any that is read here."""
PERMISSIONS = 0o777
"""Part of a mode that is used here, without the set-user-ID and set-group-ID bits."""
_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def parent(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """Yield a descriptor of the folder that contains `path`, and the name in it.

    Raises `OSError`.
    """
    with _parent(root, path, _missing) as found:
        yield found


@contextlib.contextmanager
def made_parent(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """Yield the same as `parent`, after creating missing folders. Raises `OSError`."""
    with _parent(root, path, _make) as found:
        yield found


def status(root: Path, path: str) -> os.stat_result:
    """Return the status of the entry at `path`, without following a link. Raises `OSError`."""
    with parent(root, path) as (folder, name):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


def followed(root: Path, path: str) -> str:
    """Follow links from `path` to an entry that is not a link. Raises `OSError`."""
    for _ in range(MOST_LINKS):
        with parent(root, path) as (folder, name):
            if not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                return path
            path = posixpath.join(posixpath.dirname(path), os.readlink(name, dir_fd=folder))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def is_folder(root: Path, path: str) -> bool:
    """Return True if a folder can be opened at `path`, also through links."""
    try:
        with parent(root, f"{path}/."):
            return True
    except OSError:
        return False


def content(root: Path, path: str) -> tuple[bytes, int]:
    """Return the bytes and permissions of a regular file. Raises `OSError` for anything else."""
    with parent(root, path) as (folder, name):
        _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
        # O_NONBLOCK, because a FIFO may have replaced it since.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
            found = os.fstat(file.fileno())
            _check_regular(found, path)
            data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return data, found.st_mode & PERMISSIONS


@contextlib.contextmanager
def _parent(root: Path, path: str, absent: Callable[[int, str], None]) -> Iterator[tuple[int, str]]:
    *folders, name = [part for part in path.split("/") if part] or ["."]
    with contextlib.ExitStack() as stack:
        above = [_opened(stack, os.fspath(root), os.O_DIRECTORY | os.O_CLOEXEC)]
        _descend(stack, above, folders, absent)
        if name == "..":
            name, above = ".", above[:-1] or above
        yield above[-1], name


def _descend(
    stack: contextlib.ExitStack,
    above: list[int],
    folders: list[str],
    absent: Callable[[int, str], None],
) -> None:
    """Open `folders` one below the other, starting at the last folder in `above`."""
    left, links = folders[::-1], 0
    while left:
        name = left.pop()
        if name == ".":
            continue
        if name == "..":
            del above[max(1, len(above) - 1) :]
            continue
        target = _target(above[-1], name, absent)
        if target is None:
            above.append(_opened(stack, name, _FOLDER, above[-1]))
            continue
        links += 1
        if links > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        if target.startswith("/"):
            del above[1:]
        left += [part for part in target.split("/") if part][::-1]


def _target(folder: int, name: str, absent: Callable[[int, str], None]) -> str | None:
    """Return the target of the link `name`; None for an entry that is not a link."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        absent(folder, name)
        return None
    return os.readlink(name, dir_fd=folder) if stat.S_ISLNK(found.st_mode) else None


def _opened(stack: contextlib.ExitStack, name: str, flags: int, folder: int | None = None) -> int:
    # O_PATH, if available: a folder need not be readable to be passed through.
    descriptor = os.open(name, flags | getattr(os, "O_PATH", os.O_RDONLY), dir_fd=folder)
    stack.callback(os.close, descriptor)
    return descriptor


def _missing(_: int, name: str) -> None:
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _make(folder: int, name: str) -> None:
    os.mkdir(name, 0o755, dir_fd=folder)


def _check_regular(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", path)
