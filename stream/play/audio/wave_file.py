"""A WAV file, mono, 16 bit. It stays playable whenever the writing ends."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.util import atomic_write, regular_file
from stream.util.unused_name import created

if TYPE_CHECKING:
    from pathlib import Path

HEADER = struct.Struct("<4sL4s4sLHHLLHH4sL")
LONGEST_BYTES = 2**32 - 2**16
"""Largest number of bytes of sound that the header can describe."""


class WaveFile:
    """A WAV file of `rate` samples a second, at `path`, or beside it if that exists.

    Raises `SinkError` if it cannot be created.
    """

    def __init__(self, path: Path, rate: int) -> None:
        self._rate = rate
        self._length = 0
        try:
            regular_file.refuse_pipe(path)
            self.path, self._file = _created(path)
        except OSError as error:
            raise SinkError(
                f"{path}: cannot be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        self.name = f"file:{self.path}"

    def write(self, samples: bytes) -> None:
        """Append sound, 16 bit, little-endian. Raises `SinkError` if the file is lost."""
        if not samples:
            return
        if self._length + len(samples) > LONGEST_BYTES:
            raise SinkError(f"{self.name}: lost (a WAV file cannot hold more than 4 GB)")
        if os.fstat(self._file).st_nlink == 0:
            raise SinkError(f"{self.name}: lost (it was removed during writing)")
        try:
            atomic_write.put(self._file, samples, HEADER.size + self._length)
            self._length += len(samples)
            atomic_write.put(self._file, self._header(), 0)
        except OSError as error:
            raise SinkError(
                f"{self.name}: lost ({error.strerror}); what was written before is kept",
            ) from error

    def close(self) -> None:
        """Close the file; calling it again is harmless."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _header(self) -> bytes:
        size, length = 2, self._length
        form = (1, 1, self._rate, size * self._rate, size, 8 * size)
        chunks = (b"RIFF", HEADER.size - 8 + length, b"WAVE", b"fmt ", 16)
        return HEADER.pack(*chunks, *form, b"data", length)


def _created(path: Path) -> tuple[Path, int]:
    """Return a new file and its path: `path`, or a free name beside it; a device is only opened."""
    if path.exists() and not path.is_file():
        return path, os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    return created(path.resolve() if path.is_symlink() else path)
