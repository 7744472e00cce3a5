"""Which notes sound now, kept where a killed player leaves it behind for the next one.

A player has a file in the runtime directory, in memory (tmpfs) on most systems: a byte a note, 16
channels by 128 pitches, 1 while it sounds, then the outputs as JSON. The file is mapped, so that a
note costs one byte written; it is locked while its player lives, whatever ends that life.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import mmap
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mido import Message

PITCHES = 128
TABLE_BYTES = 16 * PITCHES
PREFIX = "player-"


def runtime_folder() -> Path:
    """Where such files lie: the service's own folder, the account's, or one in `/tmp`."""
    own = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    account = os.environ.get("XDG_RUNTIME_DIR", "")
    if own:
        return Path(own).resolve()  # a link, where the service has a user of its own making
    if account:
        return Path(account) / "perpetuum"
    return Path(tempfile.gettempdir()) / f"perpetuum-{os.getuid()}"


class Sounding:
    """The file of this player. Raises `OSError` if it can not be kept."""

    def __init__(self, folder: Path, outputs: Sequence[str]) -> None:
        _make_private(folder)
        file, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
        self._path = Path(name)
        self._file = file
        fcntl.flock(file, fcntl.LOCK_EX)
        os.truncate(file, TABLE_BYTES)
        self.outputs(outputs)
        self._table = mmap.mmap(file, TABLE_BYTES)

    def outputs(self, names: Sequence[str]) -> None:
        """Remember to what outputs the notes go, as `--out` names them."""
        document = json.dumps(list(names)).encode()
        os.pwrite(self._file, document, TABLE_BYTES)
        os.truncate(self._file, TABLE_BYTES + len(document))

    def note(self, message: Message) -> None:
        """Remember what a note-on begins and a note-off ends."""
        if message.type == "note_on":
            self._table[message.channel * PITCHES + message.note] = 1
        elif message.type == "note_off":
            self._table[message.channel * PITCHES + message.note] = 0

    def close(self) -> None:
        """All is silent: leave nothing behind."""
        self._path.unlink(missing_ok=True)
        self._table.close()
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Left:
    """What a killed player left sounding."""

    path: Path
    outputs: tuple[str, ...]
    """As `--out` names them."""
    notes: tuple[tuple[int, int], ...]
    """Channel and pitch of each note that sounds."""


@contextlib.contextmanager
def left_behind(folder: Path) -> Iterator[tuple[Left, ...]]:
    """What killed players left in `folder`; locked, so that nobody else sees to it meanwhile.

    Raises `OSError` where the folder can not be looked into.
    """
    with contextlib.ExitStack() as locked:
        found = []
        for path in _files(folder):
            # Gone by now, not ours, or its player lives.
            with contextlib.suppress(OSError):
                file = locked.enter_context(path.open("rb"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(_read(path, file.read()))
        yield tuple(found)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(PREFIX))
    except FileNotFoundError:
        return []


def _read(path: Path, data: bytes) -> Left:
    table, rest = data[:TABLE_BYTES], data[TABLE_BYTES:]
    notes = tuple(divmod(at, PITCHES) for at, sounds in enumerate(table) if sounds)
    try:
        outputs = json.loads(rest)
    except ValueError:
        outputs = ()
    known = isinstance(outputs, list) and all(isinstance(output, str) for output in outputs)
    return Left(path, tuple(outputs) if known else (), notes)


def _make_private(folder: Path) -> None:
    """Make the folder, or make sure that nobody else put it there. Raises `OSError`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.getuid(), 0}:
        raise PermissionError(errno.EPERM, "belongs to another account", str(folder))
