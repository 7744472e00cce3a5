"""A Standard MIDI File of one track that grows, and stays playable if the power fails at any time.

The track ends with `VLQ FF 2F 00`, its end-of-track. Changing one byte turns that into
`VLQ FF 01 00`, an empty text event, which makes no sound. So music is added in three steps, each
of them on the disk before the next begins:

1. The new events, and an end-of-track, are written after the old one: beyond the length in the
   track's header, where no reader looks.
2. The new length is written. A reader ends at the old end-of-track, or reads on to the new one.
3. The old end-of-track becomes a text event.

The disk must guarantee that a sector of 512 bytes is written as a whole or not at all.
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
    """A file at `path`, or, if that exists, at the next free one of `names`.

    It is created with the first events. If it is removed or renamed while it grows, everything is
    written again.
    """

    def __init__(self, path: Path, names: Callable[[Path], Iterator[Path]] = numbered) -> None:
        self.path = path
        """Path of the file; before the first events, the preferred path."""
        self.restored = 0
        """Times that the file had to be written again from the start."""
        self._names = names
        self._file = -1
        self._end = 0
        self._interrupted = 0
        """Number of parts whose writing was interrupted."""

    def grow(self, parts: Sequence[bytes]) -> None:
        """Add `parts` and return when they are on the disk. Raises `OSError`; the file stays valid.

        A part is a run of events, then the delta time from the last of them to the end of the part.
        After an error the same parts may be given again, followed by others.
        """
        # An interrupted write is repeated unchanged, so that the file is valid at any moment.
        for batch in (parts[: self._interrupted], parts[self._interrupted :]):
            if batch:
                self._interrupted = len(batch)
                self._add(TEXT.join(batch) + END_OF_TRACK)
                self._interrupted = 0

    def check(self) -> None:
        """Raise `OSError` if the file is no longer as it was written, and cannot be continued."""
        if self._end and self._file < 0 and self.path.stat().st_size < self._end:
            raise OSError(errno.ESTALE, "the file was changed by another program")

    def adopt(self, content: bytes) -> None:
        """Replace the closed file by a track that can grow. Raises `OSError`."""
        atomic_write.replace_durably(self.path, content)
        self._end = len(content)

    def close(self) -> None:
        """Close the file; calling it again is harmless. Later parts are still added at its end."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _add(self, data: bytes) -> None:
        if not self._end:
            self._begin(HEADER[:LENGTH_AT] + LENGTH.pack(len(data)) + data)
            return
        self._reopen()
        if not self.path.exists():
            removed_file = self._file
            self._begin(os.pread(removed_file, self._end, 0))
            os.close(removed_file)
            self.restored += 1
        self._append(data)

    def _reopen(self) -> None:
        """Open a closed file again. Raises `OSError` if it has changed."""
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
