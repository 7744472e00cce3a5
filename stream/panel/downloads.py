"""Files that browsers may download: only those that the player has named in an answer."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from stream.util import regular_file

MOST_FILES = 64
"""Most files that stay available."""


class Downloads:
    """The latest files, by name."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}

    def offer(self, path: Path) -> dict[str, str]:
        """Make a file available; return its name and link for the browser."""
        self._files.pop(path.name, None)
        self._files[path.name] = path
        while len(self._files) > MOST_FILES:
            del self._files[next(iter(self._files))]
        return {"file": path.name, "link": f"/recordings/{quote(path.name)}"}

    def open(self, name: str) -> BinaryIO:
        """Open an available file. Raises `OSError` if it is not available or not a regular file."""
        if name not in self._files:
            raise FileNotFoundError(name)
        regular_file.check(self._files[name])
        return self._files[name].open("rb")
