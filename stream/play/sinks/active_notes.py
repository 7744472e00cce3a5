"""Which notes sound now, kept where a killed player leaves it behind for the next one.

A player has a file in the runtime directory, in memory (tmpfs) on most systems: a byte a note, 16
channels by 128 pitches, 1 while it sounds, then the outputs as JSON. The file is mapped, so that a
note costs one byte written; it is locked while its player lives, whatever ends that life.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import mmap
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stream.util.private_folder import PrivateFolder

if TYPE_CHECKING:
    from mido import Message

PITCHES = 128
TABLE_BYTES = 16 * PITCHES
PREFIX = "player-"
MOST_BYTES = TABLE_BYTES + 65_536
"""In a file: the table, and the names of more outputs than anybody has."""
MOST_FILES = 64
"""That are looked at; a player leaves one."""


def runtime_folder() -> Path:
    """Where such files lie: the service's own folder, the account's, or one in `/tmp`."""
    own = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    account = os.environ.get("XDG_RUNTIME_DIR", "")
    if own:
        return Path(own).resolve()  # a link, where the service has a user of its own making
    if os.path.isabs(account):  # noqa: PTH117 (the standard has a relative one ignored)
        return Path(account) / "perpetuum"
    return Path(tempfile.gettempdir()) / f"perpetuum-{os.getuid()}"


class ActiveNotes:
    """The file of this player. Raises `OSError` if it can not be kept."""

    def __init__(self, folder: Path, outputs: Sequence[str]) -> None:
        self._folder = PrivateFolder.made(folder)
        self._name = f"{PREFIX}{secrets.token_hex(8)}"
        try:
            self._file = self._folder.create(self._name)
        except OSError:
            self._folder.close()
            raise
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            # Written, not left as a hole: a hole that finds no memory later would kill us.
            os.pwrite(self._file, bytes(TABLE_BYTES), 0)
            self.outputs(outputs)
            self._table = mmap.mmap(self._file, TABLE_BYTES)
        except OSError:
            self._leave()
            raise

    def outputs(self, names: Sequence[str]) -> None:
        """Remember to what outputs the notes go, as `--out` names them. Raises `OSError`."""
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
        self._table.close()
        self._leave()

    def _leave(self) -> None:
        # What can not be taken out is empty of notes: the next player takes it out.
        with contextlib.suppress(OSError):
            self._folder.remove(self._name)
        os.close(self._file)
        self._folder.close()


@dataclass(frozen=True, slots=True)
class ActiveNotesFile:
    """What a killed player left sounding."""

    path: Path
    outputs: tuple[str, ...]
    """As `--out` names them."""
    notes: tuple[tuple[int, int], ...]
    """Channel and pitch of each note that sounds."""
    folder: PrivateFolder

    def remove(self) -> None:
        """It is seen to. Raises `OSError` where the file can not be removed."""
        self.folder.remove(self.path.name)


@contextlib.contextmanager
def left_behind(path: Path) -> Iterator[tuple[ActiveNotesFile, ...]]:
    """What killed players left in the folder; locked, so that nobody else sees to it meanwhile.

    What was not put there by this account is passed over, unread. Raises `PermissionError` for a
    folder that another account has made, or may write to.
    """
    with contextlib.ExitStack() as locked:
        try:
            folder = PrivateFolder(path)
        except FileNotFoundError:
            yield ()
            return
        locked.callback(folder.close)
        found = []
        for name in folder.names(PREFIX)[:MOST_FILES]:
            # Gone by now, not ours, or its player lives.
            with contextlib.suppress(OSError):
                file = folder.open(name, MOST_BYTES)
                locked.callback(os.close, file)
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(_read(folder, name, os.pread(file, MOST_BYTES, 0)))
        yield tuple(found)


def _read(folder: PrivateFolder, name: str, data: bytes) -> ActiveNotesFile:
    table, rest = data[:TABLE_BYTES], data[TABLE_BYTES:]
    notes = tuple(divmod(at, PITCHES) for at, sounds in enumerate(table) if sounds)
    try:
        outputs = json.loads(rest)
    except (ValueError, RecursionError):
        outputs = ()
    known = isinstance(outputs, list) and all(isinstance(output, str) for output in outputs)
    return ActiveNotesFile(folder.path / name, tuple(outputs) if known else (), notes, folder)
