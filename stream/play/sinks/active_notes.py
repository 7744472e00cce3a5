"""Active notes of a player in a file: the next player ends those that a killed one left.

A player's file lies in the runtime directory, which is in memory (tmpfs) on most systems. It holds
one byte for each note (16 channels by 128 pitches, 1 while it sounds), then the outputs as JSON.
The file is mapped, so that a note costs one byte written; it is locked as long as its player lives.
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
MAX_BYTES = TABLE_BYTES + 65_536
"""Largest size of a file: the table, and more names of outputs than any player has."""
MAX_FILES = 64
"""Largest number of files that are read; a killed player leaves one."""


def runtime_folder() -> Path:
    """Return the folder of these files: the service's, the account's, or one in `/tmp`."""
    service = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if service:
        return Path(service).resolve()  # a link if the service has a dynamic user
    if os.path.isabs(runtime):  # noqa: PTH117 (the standard ignores a relative one)
        return Path(runtime) / "perpetuum"
    return Path(tempfile.gettempdir()) / f"perpetuum-{os.getuid()}"


class ActiveNotes:
    """The file of this player. Raises `OSError` if it cannot be written."""

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
            # Written, not left as a hole: filling a hole without free memory would kill this
            # process.
            os.pwrite(self._file, bytes(TABLE_BYTES), 0)
            self.outputs(outputs)
            self._table = mmap.mmap(self._file, TABLE_BYTES)
        except OSError:
            self._remove()
            raise

    def outputs(self, names: Sequence[str]) -> None:
        """Store the outputs that the notes go to, as `--out` names them. Raises `OSError`."""
        document = json.dumps(list(names)).encode()
        os.pwrite(self._file, document, TABLE_BYTES)
        os.truncate(self._file, TABLE_BYTES + len(document))

    def note(self, message: Message) -> None:
        """Mark what a note-on begins, and clear what a note-off ends."""
        if message.type == "note_on":
            self._table[message.channel * PITCHES + message.note] = 1
        elif message.type == "note_off":
            self._table[message.channel * PITCHES + message.note] = 0

    def close(self) -> None:
        """Remove the file: all notes have ended."""
        self._table.close()
        self._remove()

    def _remove(self) -> None:
        # A file that cannot be removed has no active notes: the next player removes it.
        with contextlib.suppress(OSError):
            self._folder.remove(self._name)
        os.close(self._file)
        self._folder.close()


@dataclass(frozen=True, slots=True)
class ActiveNotesFile:
    """Active notes that a killed player left."""

    path: Path
    outputs: tuple[str, ...]
    """Outputs as `--out` names them."""
    notes: tuple[tuple[int, int], ...]
    """Channel and pitch of each active note."""
    folder: PrivateFolder

    def remove(self) -> None:
        """Remove the file once its notes have ended. Raises `OSError`."""
        self.folder.remove(self.path.name)


@contextlib.contextmanager
def abandoned_files(path: Path) -> Iterator[tuple[ActiveNotesFile, ...]]:
    """Yield the files that killed players left in the folder, locked against other programs.

    Files of other accounts are skipped unread. Raises `PermissionError` if the folder belongs to
    another account, or another account may write to it.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = PrivateFolder(path)
        except FileNotFoundError:
            yield ()
            return
        stack.callback(folder.close)
        files = []
        for name in folder.names(PREFIX)[:MAX_FILES]:
            # Skip a file that is gone, belongs to another account, or whose player lives.
            with contextlib.suppress(OSError):
                file = folder.open(name, MAX_BYTES)
                stack.callback(os.close, file)
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                files.append(_read(folder, name, os.pread(file, MAX_BYTES, 0)))
        yield tuple(files)


def _read(folder: PrivateFolder, name: str, data: bytes) -> ActiveNotesFile:
    table, encoded_outputs = data[:TABLE_BYTES], data[TABLE_BYTES:]
    notes = tuple(divmod(at, PITCHES) for at, is_active in enumerate(table) if is_active)
    try:
        outputs = json.loads(encoded_outputs)
    except (ValueError, RecursionError):
        outputs = ()
    is_valid = isinstance(outputs, list) and all(isinstance(output, str) for output in outputs)
    return ActiveNotesFile(folder.path / name, tuple(outputs) if is_valid else (), notes, folder)
