"""A Standard MIDI File of one track that grows, and that can be played whenever the power fails.

The track ends with `VLQ FF 2F 00`, its end-of-track. One byte makes `VLQ FF 01 00` of that, a text
without letters, which sounds like nothing. So music is added in three steps, each of them on the
disk before the next begins:

1. The new events, and an end-of-track, go behind the old one: beyond the length that the track's
   header tells, where no reader looks.
2. The header tells the new length. A reader ends at the old end-of-track, or goes on to the new.
3. The old end-of-track becomes a text.

What the disk must grant: a sector of 512 bytes is written whole or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from typing import TYPE_CHECKING

from stream.util import atomic_write
from stream.util.unused_name import numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FILE_TICKS_PER_BEAT = 480
HEADER = struct.pack(">4sLHHH4sL", b"MThd", 6, 0, 1, FILE_TICKS_PER_BEAT, b"MTrk", 0)
LENGTH = struct.Struct(">L")
LENGTH_AT = len(HEADER) - LENGTH.size
END_OF_TRACK, TEXT = b"\xff\x2f\x00", b"\xff\x01\x00"
MAX_LENGTH = 2**32 - 1


class GrowingTrack:
    """A file at `path`, or where something is there already at the next of `names`.

    It is made when the first events come. Where it is removed, or renamed, while it grows, all of
    it is written anew.
    """

    def __init__(self, path: Path, names: Callable[[Path], Iterator[Path]] = numbered) -> None:
        self.path = path
        """Where it is; before the first events, where it may be."""
        self.restored = 0
        """Times that it had to be written anew."""
        self._names = names
        self._file = -1
        self._end = 0
        self._torn = 0
        """Parts that were not written whole."""

    def grow(self, parts: Sequence[bytes]) -> None:
        """Add `parts` and return when they are on the disk. Raises `OSError`; the file is whole.

        A part is a run of events, then the time from the last of them to where the part ends.
        After an error the same parts may be given again, with others behind them.
        """
        # What was begun is written again as it was, so that the file is whole at any moment.
        for some in (parts[: self._torn], parts[self._torn :]):
            if some:
                self._torn = len(some)
                self._add(TEXT.join(some) + END_OF_TRACK)
                self._torn = 0

    def check(self) -> None:
        """Raise `OSError` where what was written is not there any more, and can not go on."""
        if self._end and self._file < 0 and self.path.stat().st_size < self._end:
            raise OSError(errno.ESTALE, "the file was changed by another program")

    def close(self) -> None:
        """Let the file go; again is harmless. What comes later goes behind what is there."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _add(self, data: bytes) -> None:
        if not self._end:
            self._begin(HEADER[:LENGTH_AT] + LENGTH.pack(len(data)) + data)
            return
        self._reopen()
        if not self.path.exists():
            gone = self._file
            self._begin(os.pread(gone, self._end, 0))
            os.close(gone)
            self.restored += 1
        self._append(data)

    def _reopen(self) -> None:
        """Open what was closed. Raises `OSError` where it is not there as it was left."""
        if self._file < 0:
            self.check()
            self._file = os.open(self.path, os.O_RDWR | os.O_NOFOLLOW)

    def _begin(self, content: bytes) -> None:
        for path in self._names(self.path):
            with contextlib.suppress(FileExistsError):
                atomic_write.create_durably(path, content)
                break
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        self._end = len(content)

    def _append(self, data: bytes) -> None:
        end = self._end + len(data)
        if end - len(HEADER) > MAX_LENGTH:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        for piece, offset in (
            (data, self._end),
            (LENGTH.pack(end - len(HEADER)), LENGTH_AT),
            (TEXT[1:2], self._end - len(END_OF_TRACK) + 1),
        ):
            atomic_write.put(self._file, piece, offset)
            os.fdatasync(self._file)
        self._end = end
