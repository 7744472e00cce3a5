"""Paths below the root of another system, opened so that nothing in it leads out of it.

Links are followed as the other system would follow them: an absolute one starts at its root, and
`..` ends there. Each folder is opened from the one before it, so that no later change of a name
matters. That is what Linux's `openat2` does with RESOLVE_IN_ROOT, on any kernel.
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
"""As many as Linux follows in one path."""
MOST_BYTES = 4 << 20
"""No file that is read here is longer; a longer one is no such file."""
PERMISSIONS = 0o777
"""All of a mode that counts here: nothing that lends the rights of an owner or a group."""
_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def parent(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """A descriptor of the folder that holds `path`, and the name in it. Raises `OSError`."""
    with _parent(root, path, _missing) as found:
        yield found


@contextlib.contextmanager
def made_parent(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """The same; folders that are missing are made. Raises `OSError`."""
    with _parent(root, path, _make) as found:
        yield found


def status(root: Path, path: str) -> os.stat_result:
    """What stands at `path`; of a link, the link itself. Raises `OSError`."""
    with parent(root, path) as (folder, name):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


def followed(root: Path, path: str) -> str:
    """Where the last link leads that begins at `path`. Raises `OSError`."""
    for _ in range(MOST_LINKS):
        with parent(root, path) as (folder, name):
            if not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                return path
            path = posixpath.join(posixpath.dirname(path), os.readlink(name, dir_fd=folder))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def is_folder(root: Path, path: str) -> bool:
    """Whether a folder can be opened at `path`, be it through links."""
    try:
        with parent(root, f"{path}/."):
            return True
    except OSError:
        return False


def content(root: Path, path: str) -> tuple[bytes, int]:
    """The bytes of a plain file, and its permissions. Raises `OSError` for anything else."""
    with parent(root, path) as (folder, name):
        _check_plain(os.stat(name, dir_fd=folder, follow_symlinks=False), path)
        # A pipe that took its place since would make us wait for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
            found = os.fstat(file.fileno())
            _check_plain(found, path)
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
    """Go on from the last folder in `above`, which holds all from the root on."""
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
    """Where the link `name` leads; None for what is no link."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        absent(folder, name)
        return None
    return os.readlink(name, dir_fd=folder) if stat.S_ISLNK(found.st_mode) else None


def _opened(stack: contextlib.ExitStack, name: str, flags: int, folder: int | None = None) -> int:
    # Only a path, where the system has that: a folder need not be readable to be gone through.
    descriptor = os.open(name, flags | getattr(os, "O_PATH", os.O_RDONLY), dir_fd=folder)
    stack.callback(os.close, descriptor)
    return descriptor


def _missing(_: int, name: str) -> None:
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def _make(folder: int, name: str) -> None:
    os.mkdir(name, 0o755, dir_fd=folder)


def _check_plain(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no plain file", path)
