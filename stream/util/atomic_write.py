"""Replace files in one step: a reader gets either the whole old file or the whole new one.

The new file is written beside the old one, as a draft, and then renamed. The next program
removes a draft that a killed program has left. A draft is locked while it is written, so that two
programs never share one.
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
    """Write `data` to `path` without waiting for the disk. Raises `OSError`.

    A power cut may leave the file empty: use it for data that is not needed after one.
    """
    with _draft(path) as (draft, file):
        put(file, data, 0)
        draft.replace(path)


def replace_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path` and to the disk: a power cut leaves the old file or the new one."""
    with _draft(path) as (draft, file):
        put(file, data, 0)
        os.fdatasync(file)
        draft.replace(path)
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> None:
    """Write `data` to a new file at `path`, and to the disk.

    Raises `FileExistsError` if something exists there, even if another program has just created
    it, and `OSError` for any other fault; then nothing has changed.
    """
    with _draft(path) as (draft, file):
        put(file, data, 0)
        os.fdatasync(file)
        # An empty file reserves the name: not all file systems can rename without replacing.
        with _reserved(path):
            draft.replace(path)
    sync_folder(path.parent)


def check(path: Path) -> None:
    """Raise the `OSError` that writing `path` would raise, except for one about a full disk."""
    regular_file.check_target(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.touch()
    draft.unlink()


def put(file: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset`, in as many calls as the system needs. Raises `OSError`."""
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Write the names in `folder` to the disk, if the file system can."""
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


@contextlib.contextmanager
def _reserved(path: Path) -> Iterator[None]:
    """Reserve the name by an empty file, which is removed if the block fails."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    with contextlib.ExitStack() as failing:
        failing.callback(path.unlink, missing_ok=True)
        yield
        failing.pop_all()


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[tuple[Path, int]]:
    """Yield the path of a new draft and the open file; remove a draft that still exists after."""
    regular_file.check_target(path)
    draft, file = _new_draft(path)
    try:
        yield draft, file
    finally:
        with contextlib.suppress(OSError):
            if _is_at(draft, file):
                draft.unlink()
        os.close(file)


def _new_draft(path: Path) -> tuple[Path, int]:
    """Create and lock a draft. Raises `OSError`."""
    for number in itertools.count(1):
        draft = path.with_name(f".{path.name}.{number}.draft" if number > 1 else _first_name(path))
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


def _first_name(path: Path) -> str:
    return f".{path.name}.draft"


def _clear(draft: Path) -> None:
    """Remove a draft that no program is writing, or a link in its place."""
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
    """Return True if the open file still has that name."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(file))
