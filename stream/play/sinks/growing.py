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

import errno
import os
import struct
from typing import TYPE_CHECKING

from stream import atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE_TICKS_PER_BEAT = 480
HEADER = struct.pack(">4sLHHH4sL", b"MThd", 6, 0, 1, FILE_TICKS_PER_BEAT, b"MTrk", 0)
LENGTH = struct.Struct(">L")
LENGTH_AT = len(HEADER) - LENGTH.size
END_OF_TRACK, TEXT = b"\xff\x2f\x00", b"\xff\x01\x00"
MAX_LENGTH = 2**32 - 1


class GrowingTrack:
    """The file at `path`. What was there stays until the first events come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._end = 0

    def grow(self, parts: Sequence[bytes]) -> None:
        """Add `parts` and return when they are on the disk. Raises `OSError`; the file is whole.

        A part is a run of events, then the time from the last of them to where the part ends.
        """
        if not parts:
            return
        data = TEXT.join(parts) + END_OF_TRACK
        if self._end:
            self._append(data)
        else:
            self._begin(data)

    def check(self) -> None:
        """Raise `OSError` where what was written is not there any more, and can not go on."""
        if self._end and self._path.stat().st_size < self._end:
            raise OSError(errno.ESTALE, "the file was changed by another program")

    def close(self) -> None:
        """Let the file go; again is harmless. What comes later goes behind what is there."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin(self, data: bytes) -> None:
        header = HEADER[:LENGTH_AT] + LENGTH.pack(len(data))
        atomic.replace_durably(self._path, header + data)
        self._file = os.open(self._path, os.O_WRONLY)
        self._end = len(header) + len(data)

    def _append(self, data: bytes) -> None:
        end = self._end + len(data)
        if end - len(HEADER) > MAX_LENGTH:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        if self._file < 0:
            self.check()
            self._file = os.open(self._path, os.O_WRONLY)
        for piece, offset in (
            (data, self._end),
            (LENGTH.pack(end - len(HEADER)), LENGTH_AT),
            (TEXT[1:2], self._end - len(END_OF_TRACK) + 1),
        ):
            atomic.put(self._file, piece, offset)
            os.fdatasync(self._file)
        self._end = end
