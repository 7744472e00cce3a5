"""The stars of the kept tunes: a JSON file beside them."""

from __future__ import annotations

from pathlib import Path

from stream.kept import json_file
from stream.music.ratings import STARS

FILE = "stars.json"


class Stars:
    """The stars, by name of the file of a tune."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def all(self) -> dict[str, int]:
        """Return the stars of all tunes; a damaged file has none."""
        found = json_file.read(self._path)
        return {name: stars for name, stars in found.items() if stars in STARS}

    def put(self, name: str, stars: int) -> None:
        """Store the stars of a tune; 0 removes them. Raises `OSError`."""
        found = self.all()
        found.pop(name, None)
        json_file.write(self._path, found | ({name: stars} if stars else {}))
