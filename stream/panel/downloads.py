"""Files that may be fetched: those the player has named in an answer, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from stream.util import regular_file

MOST_FILES = 64


class Downloads:
    """The last files, by name."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}

    def offer(self, path: Path) -> dict[str, str]:
        """Let a file be fetched; what the browser is told of it."""
        self._files.pop(path.name, None)
        self._files[path.name] = path
        while len(self._files) > MOST_FILES:
            del self._files[next(iter(self._files))]
        return {"file": path.name, "link": f"/recordings/{quote(path.name)}"}

    def open(self, name: str) -> BinaryIO:
        """An offered file, to be read and closed. Raises `OSError` where it is none, or gone."""
        if name not in self._files:
            raise FileNotFoundError(name)
        regular_file.check(self._files[name])
        return self._files[name].open("rb")
