"""Names for new files, so that no file that is there is replaced."""

from __future__ import annotations

import contextlib
import itertools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbered(path: Path) -> Iterator[Path]:
    """The path, then `gig-2.mid`, `gig-3.mid` and so on."""
    yield path
    for number in itertools.count(2):
        yield path.with_stem(f"{path.stem}-{number}")


def unused(path: Path) -> Path:
    """The first of these that nothing has yet, not even a link that leads nowhere.

    Somebody else may take it before the file is made: only its exclusive creation is sure.
    """
    return next(each for each in numbered(path) if not os.path.lexists(each))


def created(path: Path) -> tuple[Path, int]:
    """A new file under the first free of these names: its path, open to write. Raises `OSError`."""
    for free in numbered(path):
        with contextlib.suppress(FileExistsError):
            return free, os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    raise AssertionError("numbers have no end")
