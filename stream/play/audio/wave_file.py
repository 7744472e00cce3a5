"""Sound on disk: mono, 16 bit. The file can be played whenever writing it ends."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

from stream.errors import SinkError

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_BYTES = 2**32 - 2**16
"""That the header of a WAV file can tell."""


class WaveFile:
    """A WAV file at `path`, of `rate` samples a second. Raises `SinkError` if it can not be."""

    def __init__(self, path: Path, rate: int) -> None:
        self.name = f"file:{path}"
        self._written = 0
        try:
            self._bytes = path.open("wb")
        except OSError as error:
            raise SinkError(
                f"{path}: can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        self._file = wave.Wave_write(self._bytes)
        self._file.setparams((1, 2, rate, 0, "NONE", "not compressed"))

    def write(self, samples: bytes) -> None:
        """Append sound, 16 bit in the machine's byte order. Raises `SinkError` where it is lost."""
        if not samples:
            return
        self._written += len(samples)
        if self._written > LONGEST_BYTES:
            raise SinkError(f"{self.name}: lost (a WAV file has no room for more than 4 GB)")
        try:
            self._file.writeframes(samples)
            self._bytes.flush()
        except OSError as error:
            raise SinkError(
                f"{self.name}: lost ({error.strerror}); what was written before is kept",
            ) from error

    def close(self) -> None:
        """Let the file go; again is harmless. Raises `SinkError`."""
        try:
            with self._bytes:
                self._file.close()
        except OSError as error:
            raise SinkError(f"{self.name}: lost ({error.strerror})") from error
