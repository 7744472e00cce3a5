"""The taste that was learned from the stars of kept tunes: a JSON file beside them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from stream.kept import json_file, stars
from stream.taste.terms import Taste, taste_from

FILE: Final = "taste.json"


def read(folder: Path) -> Taste:
    """Return the taste in the folder of the kept tunes; none without a valid file."""
    with contextlib.suppress(ValueError, TypeError):
        return taste_from(json_file.read(folder / FILE))
    return Taste()


def write(folder: Path, taste: Taste) -> None:
    """Write the taste in place of the one before. Raises `OSError`."""
    json_file.write(folder / FILE, taste.document())


def stale(folder: Path) -> bool:
    """Return True if stars have been given since the taste was learned."""
    try:
        given = (folder / stars.FILE).stat().st_mtime_ns
    except OSError:
        return False
    try:
        return (folder / FILE).stat().st_mtime_ns < given
    except OSError:
        return True
