"""Files that a command asked for, written by the recorder's thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from stream.play.recording.format import Part

BATCH, PAUSE_SECONDS = 16, 0.0005
"""Parts that are joined without a pause, and the seconds of the pause after them."""


@dataclass(slots=True)
class SavedFile:
    """A file that a command asked for."""

    content: object
    """Identifies the content of the file."""
    count: int
    """Number of parts that were played before."""
    number: int
    """Number of this file among those saved since the last part, from 1."""
    path: Path
    """Path at which it was to be written."""
    written_path: Path | None = None
    """Path at which the thread has written it; None: not written."""

    def call_when_written(self, done: Callable[[Path], None]) -> None:
        """Call `done` with the file's path; the thread calls this after the writing."""
        if self.written_path is not None:
            done(self.written_path)


def with_pauses(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the same parts with pauses in between: a note may be due in the other thread."""
    for number, part in enumerate(parts):
        if number % BATCH == 0:
            time.sleep(PAUSE_SECONDS)
        yield part
