"""A listener's ratings: `ratings.jsonl`, a line of JSON for each file that was rated.

A line holds the notes of the melody too, so that thresholds can be fitted to the ratings
(`python -m export.filter fit`) after the file was deleted.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stream.errors import CorpusError
from stream.util import atomic_write, regular_file

STARS = range(1, 6)
MOST_BYTES = 2**30
"""Most bytes in a file of ratings: a hundred thousand ratings."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A listener's rating of one file."""

    file: str
    """Name of the file, without folder."""
    sha256: str
    """SHA-256 of its bytes."""
    stars: int
    """Stars, 1-5."""
    style: str
    """Style as the listener named it; may be empty."""
    notes: tuple[tuple[int, int], ...]
    """Pitch and length, in twelfths of the median length, of each note of its melody."""


def append(path: Path, rating: Rating) -> None:
    """Append a line and sync it to the disk. Raises `CorpusError` if it cannot be written."""
    text = json.dumps(asdict(rating), ensure_ascii=False, separators=(",", ":"))
    line = text.encode(errors="backslashreplace")  # undecodable bytes of a name
    try:
        regular_file.check_target(path)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, 0o666)
        try:
            _append(file, line + b"\n")
        finally:
            os.close(file)
        atomic_write.sync_folder(path.parent)
    except OSError as error:
        raise CorpusError(
            f"--ratings {path}: cannot be written ({error.strerror}); give a writable file"
        ) from error


def read(path: Path) -> tuple[list[Rating], list[str]]:
    """Return the ratings of a file in order, and what is wrong with each damaged line.

    Raises `CorpusError` if the file cannot be read.
    """
    try:
        lines = regular_file.read(path, MOST_BYTES).splitlines()
    except OSError as error:
        raise CorpusError(f"ratings {path}: cannot be read ({error.strerror})") from error
    ratings, damaged = [], []
    for number, line in enumerate(lines, 1):
        try:
            ratings.append(_parsed(json.loads(line)))
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            damaged.append(f"{path}, line {number}: invalid rating ({reason}); skipped")
    return ratings, damaged


def _append(file: int, line: bytes) -> None:
    """Append a complete line to an open file under a lock. Raises `OSError`."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    fcntl.flock(file, fcntl.LOCK_EX)
    # A line that was cut off, by a full disk say, must not swallow this one.
    end = os.fstat(file).st_size
    line = b"\n" + line if end and os.pread(file, 1, end - 1) != b"\n" else line
    while line:
        line = line[os.write(file, line) :]
    os.fsync(file)


def _parsed(document: Any) -> Rating:
    """Return a rating. Raises one of the errors that `read` expects if it is invalid."""
    if not isinstance(document, dict):
        raise TypeError("not a JSON object")
    notes = tuple((int(pitch), int(length)) for pitch, length in document["notes"])
    stars = document["stars"]
    if type(stars) is not int or stars not in STARS:
        raise ValueError(f"stars {stars!r}, not 1 to 5")
    if not notes:
        raise ValueError("no notes")
    texts = [document[name] for name in ("file", "sha256", "style")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("file, sha256 and style must be text")
    file, sha256, style = texts
    return Rating(file, sha256, stars, style, notes)
