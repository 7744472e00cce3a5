"""The folder of the recordings, as the thread sees it that writes there.

Its faults are told, not raised: a disk that is full or gone may be mended while the music plays.
No file is ever replaced: a name that is taken is left to whoever has it.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
from collections import deque
from typing import TYPE_CHECKING, Self

from stream.play.recording.folder_claim import FolderClaim
from stream.play.recording.growing_midi_file import GrowingTrack
from stream.util import atomic_write
from stream.util.unused_name import numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

NUMBER = re.compile(r"(?:saved-|rated-)?(\d{6,})")

SPARED_BYTES, SPARED_SHARE = 64 * 2**20, 20
"""Of the disk, or one part in so many of a small one: what is kept for good spares it."""


class Beginning(bytes):
    """The head of a new file; what is kept after it follows there."""

    number: int
    """Of the file, if nothing has that name."""

    def __new__(cls, number: int, data: bytes) -> Self:
        made = super().__new__(cls, data)
        made.number = number
        return made


class RotatingFolder:
    """Keeps the last `most` rolling recordings of this player in `folder`, and all other files."""

    def __init__(self, folder: Path, most: int) -> None:
        self.notices: deque[str] = deque()
        """What the listener should know; whoever tells it takes it out."""
        self.fault = ""
        """What is wrong, in one line; empty once a recording has grown."""
        self.number = 0
        """Of the last recording."""
        self._folder = folder
        self._most = most
        self._claim: FolderClaim | None = None
        self._track: GrowingTrack | None = None
        self._waiting: list[bytes] = []
        """Parts that are not on the disk yet."""
        try:
            self._take()
        except OSError as error:
            self._lost(error)

    @property
    def suffix(self) -> str:
        """In the names of this player's files, where it is not the only one."""
        place = self._claim.place if self._claim else 1
        return f"-{place}" if place > 1 else ""

    def keep(self, parts: Sequence[bytes | Callable[[], None]]) -> None:
        """Write parts to their files, and call what can be called, in order."""
        for part in parts:
            if not isinstance(part, bytes):
                part()
                continue
            if isinstance(part, Beginning):
                self._grow()
                self._turn(part.number)
            self._waiting.append(part)
        self._grow()

    def write(self, path: Path, data: bytes) -> Path | None:
        """Make a file at `path`, or beside it where something is there; None: it can not be."""
        try:
            self._take()
            self._check_room(len(data))
            for free in numbered(path):
                with contextlib.suppress(FileExistsError):
                    atomic_write.create_durably(free, data)
                    break
        except OSError as error:
            self.notices.append(f"{path}: can not be saved ({error.strerror})")
            return None
        if free != path:
            self.notices.append(f"{path} was made by somebody else; {free} is saved")
        return free

    def close(self) -> None:
        """Write what waits, and let the folder go; again is harmless."""
        self._grow()
        self._leave()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def _take(self) -> None:
        """Have the folder, and a place in it. Raises `OSError`."""
        if self._claim is not None:
            if self._claim.holds():
                return
            self._claim.close()
            self._claim = None
        self._claim = FolderClaim(self._folder)
        found = [NUMBER.match(path.name) for path in self._folder.iterdir()]
        self.number = max(self.number, *(int(each[1]) for each in found if each), 0)
        if self._claim.place > 1:
            self.notices.append(
                f"recordings in {self._folder}: another player records there too; the files of"
                f" this one are called 000001{self.suffix}.mid and so on"
            )

    def _check_room(self, size: int) -> None:
        """Raise `OSError` where a file of so many bytes would fill the disk.

        Rolling recordings make room for the next; files that are kept for good do not.
        """
        disk = os.statvfs(self._folder)
        spared = min(SPARED_BYTES, disk.f_blocks * disk.f_frsize // SPARED_SHARE)
        if disk.f_bavail * disk.f_frsize < spared + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _turn(self, number: int) -> None:
        """Go on in another file, and delete the oldest."""
        self._leave()
        self.number = max(self.number, number)
        self._track = GrowingTrack(self._named(number), lambda _: self._names(number))
        try:
            self._take()
            rolling = sorted(self._rolling())
            for _, old in rolling[: max(len(rolling) + 1 - self._most, 0)]:
                old.unlink(missing_ok=True)
        except OSError as error:
            self._lost(error)

    def _leave(self) -> None:
        """Be done with a file; of one that can not be written the rest is lost."""
        self._waiting.clear()
        if self._track is not None:
            self._track.close()
            self._track = None

    def _grow(self) -> None:
        if self._track is None or not self._waiting:
            return
        restored = self._track.restored
        try:
            self._take()
            self._track.grow(self._waiting)
        except OSError as error:
            self._lost(error)
            return
        self._waiting.clear()
        self.fault = ""
        if self._track.restored > restored:
            self.notices.append(
                f"recordings in {self._folder}: removed while it was written;"
                f" all of it is written again to {self._track.path.name}"
            )

    def _rolling(self) -> Iterator[tuple[int, Path]]:
        """Number and path of the files that are to be deleted one day. Raises `OSError`."""
        pattern = re.compile(rf"(\d{{6,}}){self.suffix}\.mid")
        for path in self._folder.iterdir():
            if found := pattern.fullmatch(path.name):
                yield int(found[1]), path

    def _names(self, number: int) -> Iterator[Path]:
        for each in itertools.count(number):
            self.number = max(self.number, each)
            yield self._named(each)

    def _named(self, number: int) -> Path:
        return self._folder / f"{number:06}{self.suffix}.mid"

    def _lost(self, error: OSError) -> None:
        """Put a fault into words, once."""
        fault = f"recordings in {self._folder}: {error.strerror}"
        if fault != self.fault:
            self.notices.append(f"{fault}; music plays on, and is recorded once that is mended")
        self.fault = fault
