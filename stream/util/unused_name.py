"""Names for new files that replace no existing file."""

from __future__ import annotations

import contextlib
import itertools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbered(path: Path) -> Iterator[Path]:
    """Yield the path `gig.mid`, then `gig-2.mid`, `gig-3.mid` and so on."""
    yield path
    for number in itertools.count(2):
        yield path.with_stem(f"{path.stem}-{number}")


def unused(path: Path) -> Path:
    """Return the first of these names that does not exist, not even as a broken link.

    Another program may use it before the file is created: only exclusive creation is safe.
    """
    return next(each for each in numbered(path) if not os.path.lexists(each))


def created(path: Path) -> tuple[Path, int]:
    """Create a file under the first of these names that is free; return its path and descriptor.

    Raises `OSError`.
    """
    for free in numbered(path):
        with contextlib.suppress(FileExistsError):
            return free, os.open(free, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    raise AssertionError("numbers have no end")
