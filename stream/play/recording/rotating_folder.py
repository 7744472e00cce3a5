"""The folder of the recordings, as used by the writer thread.

Faults are reported, not raised: a full or missing disk may recover while the music plays. No file
is ever replaced: if a name is taken, another one is used.
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

FREE_BYTES, FREE_SHARE = 64 * 2**20, 20
"""Bytes of the disk, or share (1/n) of a small disk, that saved files leave free."""


class NewFile(bytes):
    """The head of a new file; parts that follow belong to that file."""

    number: int
    """Number of the file, unless a file of that name exists."""

    def __new__(cls, number: int, data: bytes) -> Self:
        new_file = super().__new__(cls, data)
        new_file.number = number
        return new_file


class RotatingFolder:
    """Keeps the last `most` rolling recordings of this player in `folder`, and all other files."""

    def __init__(self, folder: Path, most: int) -> None:
        self.notices: deque[str] = deque()
        """Messages for the listener; the reader removes them."""
        self.fault = ""
        """The current fault, in one line; empty once a recording could be written."""
        self.number = 0
        """Number of the last recording."""
        self._folder = folder
        self._most = most
        self._claim: FolderClaim | None = None
        self._track: GrowingTrack | None = None
        self._waiting: list[bytes] = []
        """Parts that are not on the disk yet."""
        try:
            self._ensure_claim()
        except OSError as error:
            self._report_fault(error)

    @property
    def suffix(self) -> str:
        """Suffix of this player's file names if other players record here too."""
        player_number = self._claim.player_number if self._claim else 1
        return f"-{player_number}" if player_number > 1 else ""

    def process(self, parts: Sequence[bytes | Callable[[], None]]) -> None:
        """Write the parts to their files, and call the functions among them, in order."""
        for part in parts:
            if not isinstance(part, bytes):
                part()
                continue
            if isinstance(part, NewFile):
                self._write_waiting()
                self._start_file(part.number)
            self._waiting.append(part)
        self._write_waiting()

    def write(self, path: Path, data: bytes) -> Path | None:
        """Write a file at `path`, or beside it if that exists; return None on failure."""
        try:
            self._ensure_claim()
            self._check_room(len(data))
            for free in numbered(path):
                with contextlib.suppress(FileExistsError):
                    atomic_write.create_durably(free, data)
                    break
        except OSError as error:
            self.notices.append(f"{path}: cannot be saved ({error.strerror})")
            return None
        if free != path:
            self.notices.append(f"{path} was created by another program; saved as {free}")
        return free

    def close(self) -> None:
        """Write what waits, and release the folder; calling it again is harmless."""
        self._write_waiting()
        self._finish_file()
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def _ensure_claim(self) -> None:
        """Claim the folder, unless it is claimed already. Raises `OSError`."""
        if self._claim is not None:
            if self._claim.holds():
                return
            self._claim.close()
            self._claim = None
        self._claim = FolderClaim(self._folder)
        matches = [NUMBER.match(path.name) for path in self._folder.iterdir()]
        self.number = max(self.number, *(int(match[1]) for match in matches if match), 0)
        if self._claim.player_number > 1:
            self.notices.append(
                f"recordings in {self._folder}: another player records there too; the files of"
                f" this player are named 000001{self.suffix}.mid and so on"
            )

    def _check_room(self, size: int) -> None:
        """Raise `OSError` if a file of `size` bytes would leave too little of the disk free.

        Rolling recordings make room for the next ones; saved files do not.
        """
        disk = os.statvfs(self._folder)
        reserve = min(FREE_BYTES, disk.f_blocks * disk.f_frsize // FREE_SHARE)
        if disk.f_bavail * disk.f_frsize < reserve + size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _start_file(self, number: int) -> None:
        """Continue in another file, and delete the oldest."""
        self._finish_file()
        self.number = max(self.number, number)
        self._track = GrowingTrack(self._path_of(number), lambda _: self._free_paths(number))
        try:
            self._ensure_claim()
            rolling = sorted(self._rolling())
            for _, old in rolling[: max(len(rolling) + 1 - self._most, 0)]:
                old.unlink(missing_ok=True)
        except OSError as error:
            self._report_fault(error)

    def _finish_file(self) -> None:
        """Close the current file; parts that could not be written are lost."""
        self._waiting.clear()
        if self._track is not None:
            self._track.close()
            self._track = None

    def _write_waiting(self) -> None:
        if self._track is None or not self._waiting:
            return
        restored = self._track.restored
        try:
            self._ensure_claim()
            self._track.grow(self._waiting)
        except OSError as error:
            self._report_fault(error)
            return
        self._waiting.clear()
        self.fault = ""
        if self._track.restored > restored:
            self.notices.append(
                f"recordings in {self._folder}: the file was removed during recording;"
                f" it is written again to {self._track.path.name}"
            )

    def _rolling(self) -> Iterator[tuple[int, Path]]:
        """Yield number and path of the rolling recordings. Raises `OSError`."""
        pattern = re.compile(rf"(\d{{6,}}){self.suffix}\.mid")
        for path in self._folder.iterdir():
            if match := pattern.fullmatch(path.name):
                yield int(match[1]), path

    def _free_paths(self, number: int) -> Iterator[Path]:
        for free in itertools.count(number):
            self.number = max(self.number, free)
            yield self._path_of(free)

    def _path_of(self, number: int) -> Path:
        return self._folder / f"{number:06}{self.suffix}.mid"

    def _report_fault(self, error: OSError) -> None:
        """Report a fault, once."""
        fault = f"recordings in {self._folder}: {error.strerror}"
        if fault != self.fault:
            self.notices.append(
                f"{fault}; the music continues, and recording resumes once the folder is writable"
            )
        self.fault = fault
