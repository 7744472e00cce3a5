"""Files that are written in one step: whoever reads meets the old one or the new one, whole.

The new one is written beside the old one, as a draft, and then takes its name. No draft stays: one
that a killed program has left is removed by the next. A draft is locked while it is written, so
that two programs never share one.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
from typing import TYPE_CHECKING

from stream.util import regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` without waiting for the disk. Raises `OSError`.

    For what is worth nothing after a power cut, which may leave the file empty.
    """
    with _draft(path) as (draft, file):
        put(file, data, 0)
        draft.replace(path)


def replace_durably(path: Path, data: bytes) -> None:
    """The same, and on the disk when this returns: a power cut leaves the old or the new file."""
    with _draft(path) as (draft, file):
        put(file, data, 0)
        os.fdatasync(file)
        draft.replace(path)
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> None:
    """Put `data` at `path`, where nothing is yet, and on the disk when this returns.

    Raises `FileExistsError` where something is there, whoever put it there meanwhile, and `OSError`
    for anything else; then nothing has changed.
    """
    with _draft(path) as (draft, file):
        put(file, data, 0)
        os.fdatasync(file)
        # An empty file takes the name first: not all file systems can rename to a free name only.
        with _taken(path):
            draft.replace(path)
    sync_folder(path.parent)


def check(path: Path) -> None:
    """Raise now the `OSError` that writing `path` would meet, but for one of a full disk."""
    regular_file.check_target(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.touch()
    draft.unlink()


def put(file: int, data: bytes, offset: int) -> None:
    """Write all of `data`, in as many pieces as the system likes. Raises `OSError`."""
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` safe, where the file system knows how to."""
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[None]:
    """Hold the name with an empty file, which goes again if the block fails."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    with contextlib.ExitStack() as failing:
        failing.callback(path.unlink, missing_ok=True)
        yield
        failing.pop_all()


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[tuple[Path, int]]:
    """Where to write the new file: its path, and the open file. What is left there is removed."""
    regular_file.check_target(path)
    draft, file = _begun(path)
    try:
        yield draft, file
    finally:
        with contextlib.suppress(OSError):
            if _is_at(draft, file):
                draft.unlink()
        os.close(file)


def _begun(path: Path) -> tuple[Path, int]:
    """A new draft, locked. Raises `OSError`."""
    for number in itertools.count(1):
        draft = path.with_name(f".{path.name}.{number}.draft" if number > 1 else _usual(path))
        _clear(draft)
        try:
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        except FileExistsError:
            continue  # another program writes the same file
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(draft, file):
            return draft, file
        os.close(file)
    raise AssertionError("numbers have no end")


def _usual(path: Path) -> str:
    return f".{path.name}.draft"


def _clear(draft: Path) -> None:
    """Remove a draft that nobody writes any more, or what was put in its place."""
    with contextlib.suppress(OSError):
        if draft.is_symlink():
            draft.unlink()
        file = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(draft, file):
                draft.unlink()
        finally:
            os.close(file)


def _is_at(path: Path, file: int) -> bool:
    """Whether the open file still has that name."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(file))
