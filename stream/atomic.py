"""Files that are replaced in one step: whoever reads meets the old one or the new one, whole.

The new one is written beside the old one, as a draft, and then takes its name. No draft stays.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from stream import regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` without waiting for the disk. Raises `OSError`.

    For what is worth nothing after a power cut, which may leave the file empty.
    """
    with _draft(path) as draft:
        draft.write_bytes(data)


def replace_durably(path: Path, data: bytes) -> None:
    """The same, and on the disk when this returns: a power cut leaves the old or the new file."""
    with _draft(path) as draft, draft.open("wb", buffering=0) as file:
        put(file.fileno(), data, 0)
        os.fdatasync(file.fileno())
    sync_folder(path.parent)


def check(path: Path) -> None:
    """Raise now the `OSError` that replacing `path` would meet."""
    draft = _draft_of(path)
    if path.exists():
        path.open("r+b").close()
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


def _draft_of(path: Path) -> Path:
    regular.check_target(path)  # a device could be replaced by root
    return path.with_name(f".{path.name}.draft")


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Where to write the new file; it takes the name of the old one unless something is raised."""
    draft = _draft_of(path)
    try:
        yield draft
        draft.replace(path)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
