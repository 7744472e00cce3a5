"""The folder of the recordings, as the thread sees it that writes there.

Its faults are told, not raised: a disk that is full or gone may be mended while the music plays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from stream import atomic
from stream.play.sinks.growing import GrowingTrack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ROLLING = re.compile(r"\d{6,}\.mid")
NUMBER = re.compile(r"(?:saved-)?(\d{6,})")


class Beginning(bytes):
    """The head of a new file, at `path`; what is kept after it follows there."""

    path: Path

    def __new__(cls, path: Path, data: bytes) -> Self:
        made = super().__new__(cls, data)
        made.path = path
        return made


class Whole(Beginning):
    """A file that does not grow."""

    then: Callable[[Path], None] | None = None
    """Called with its path once it is there."""


class Shelf:
    """Keeps the last `most` rolling recordings in `folder`, and all others."""

    def __init__(self, folder: Path, most: int) -> None:
        self.fault = ""
        """What was wrong the last time, in one line; empty once a recording has grown."""
        self.number = 0
        """Of the last recording."""
        self._folder = folder
        self._most = most
        self._track: GrowingTrack | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            names = [NUMBER.match(path.name) for path in folder.iterdir()]
        except OSError as error:
            self._lost(error)
        else:
            self.number = max((int(found[1]) for found in names if found), default=0)

    def keep(self, parts: Sequence[bytes]) -> None:
        """Write parts to their files; the rest of a file that could not be written is lost."""
        waiting: list[bytes] = []
        for part in parts:
            if isinstance(part, Whole):
                self._put(part)
            elif isinstance(part, Beginning):
                self._grow(waiting)
                self._turn(part.path)
                waiting = [part]
            else:
                waiting.append(part)
        self._grow(waiting)

    def close(self) -> None:
        """Let the file go; again is harmless."""
        if self._track is not None:
            self._track.close()
            self._track = None

    def _put(self, whole: Whole) -> None:
        try:
            atomic.replace_durably(whole.path, whole)
        except OSError as error:
            self._lost(error)
            return
        if whole.then is not None:
            whole.then(whole.path)

    def _turn(self, path: Path) -> None:
        """Go on in another file, and delete the oldest."""
        self.close()
        self._track = GrowingTrack(path)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            rolling = sorted(p for p in self._folder.iterdir() if ROLLING.fullmatch(p.name))
            for old in rolling[: max(len(rolling) + 1 - self._most, 0)]:
                old.unlink(missing_ok=True)
        except OSError as error:
            self._lost(error)

    def _grow(self, parts: Sequence[bytes]) -> None:
        if self._track is None or not parts:
            return
        try:
            self._track.grow(parts)
        except OSError as error:
            self._lost(error)
            self.close()
        else:
            self.fault = ""

    def _lost(self, error: OSError) -> None:
        self.fault = f"recordings in {self._folder}: {error.strerror}"
