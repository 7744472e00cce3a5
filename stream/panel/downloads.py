"""Files that may be fetched: those the player has named in an answer, and no others."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from stream import regular

MOST_FILES = 64
MOST_BYTES = 16 * 2**20


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

    def read(self, name: str) -> bytes:
        """The bytes of an offered file. Raises `OSError` where it is none, gone or too large."""
        if name not in self._files:
            raise FileNotFoundError(name)
        return regular.read(self._files[name], MOST_BYTES)
