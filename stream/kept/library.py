"""The library of kept tunes: a folder of files that is listed, and from which files are deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stream.errors import RecordingError
from stream.kept import facts
from stream.kept.facts import KeptFacts
from stream.kept.favourites import Favourites
from stream.kept.stars import Stars
from stream.util import regular_file

KEPT_NAME: Final = r"\d{4,9}[A-Za-z0-9#-]{0,80}\.mid"
"""Names of the files of kept tunes."""
MOST_LISTED: Final = 2000


@dataclass(frozen=True, slots=True)
class KeptTune:
    """A kept tune."""

    name: str
    """Name of its file."""
    facts: KeptFacts
    voice: str
    seed: int
    stars: int
    """Stars, 1-5; 0 if it has none."""
    time: float
    """Time at which it was kept, in seconds of the clock of the system."""

    @property
    def number(self) -> int:
        """Number with which its name begins."""
        return number_of(self.name)

    def document(self) -> dict[str, Any]:
        """Return what lists show."""
        told = self.facts
        return {
            "name": self.name,
            "number": self.number,
            "title": told.title,
            "style": told.style,
            "key": told.key,
            "meter": told.meter,
            "bpm": round(told.bpm, 1),
            "seconds": round(told.seconds, 1),
            "whole": told.whole,
            "voice": self.voice,
            "seed": self.seed,
            "stars": self.stars,
            "time": round(self.time),
        }


class Library:
    """The kept tunes in a folder. What was read of a file is kept until the file changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, tuple[tuple[int, int], KeptFacts, str, int]] = {}

    def tunes(self) -> list[KeptTune]:
        """Return the kept tunes, the latest first; other files are left out."""
        try:
            names = [p.name for p in self.folder.iterdir() if re.fullmatch(KEPT_NAME, p.name)]
        except OSError:
            return []
        stars = Stars(self.folder).all()
        names = sorted(names, key=number_of, reverse=True)[:MOST_LISTED]
        found = (self._tune(name, stars.get(name, 0)) for name in names)
        return [tune for tune in found if tune is not None]

    def path_of(self, name: str) -> Path:
        """Return the path of a kept tune. Raises `RecordingError` for an unknown name."""
        path = self.folder / name
        if re.fullmatch(KEPT_NAME, name):
            try:
                regular_file.check(path)
            except OSError:
                pass
            else:
                return path
        raise RecordingError(f"kept tune {name[:80]!r}: not found; 'perpetuum kept' lists them")

    def delete(self, name: str) -> None:
        """Delete a kept tune, its stars, and the favourite. Raises `RecordingError`."""
        path = self.path_of(name)
        try:
            path.unlink()
            if name in (stars := Stars(self.folder)).all():
                stars.put(name, 0)
            Favourites(self.folder).remove(name)
        except OSError as error:
            raise RecordingError(f"{path}: cannot be deleted ({error.strerror})") from error

    def _tune(self, name: str, stars: int) -> KeptTune | None:
        path = self.folder / name
        try:
            status = path.stat()
            mark = status.st_mtime_ns, status.st_size
            if self._read.get(name, ((0, 0),))[0] != mark:
                told, header = facts.read(path)
                seed = header.get("seed", 0)
                self._read[name] = mark, told, str(header.get("voice", "")), int(seed)
        except (OSError, RecordingError, TypeError, ValueError):
            return None
        _, told, voice, seed = self._read[name]
        return KeptTune(name, told, voice, seed, stars, status.st_mtime)


def number_of(name: str) -> int:
    """Return the number with which the name of a kept tune begins."""
    found = re.match(r"\d+", name)
    return int(found[0]) if found else 0
