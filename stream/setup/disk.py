"""Entries of a real system: the running one, or one that is mounted at a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from stream.errors import SettingsError
from stream.setup.entry import Entry, File, Link, Tree
from stream.setup.plan import BOOT, CONFIG

MODEL = "/proc/device-tree/model"


class Disk:
    """The system below `root`. Every method raises `SettingsError` where the system refuses."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.running = root.resolve() == Path("/")

    def model(self) -> str:
        """What the board calls itself."""
        try:
            return self._at(MODEL).read_bytes().rstrip(b"\0").decode("ascii", "replace")
        except OSError as error:
            raise SettingsError(
                "setup auto: this is no board that says what it is; name it: setup pi4"
            ) from error

    def boot(self) -> str:
        """Where the firmware's files are."""
        for folder in BOOT:
            if self._at(f"{folder}/{CONFIG}").is_file():
                return folder
        where = self._at(BOOT[0])
        raise SettingsError(
            f"setup: no {CONFIG} in {where}; run it on a Raspberry Pi, or mount its card and"
            " name the folder: --root FOLDER (the boot partition belongs at boot/firmware in it)"
        )

    def read(self, paths: Iterable[str]) -> dict[str, Entry]:
        return {path: self._read(path) for path in paths}

    def missing_folders(self, paths: Iterable[str]) -> set[str]:
        """Folders that do not exist yet above these paths."""
        above = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
        return {folder for folder in above if not self._at(folder).exists()}

    def write(self, tree: Tree) -> None:
        """Put the entries there, one after the other, each whole or not at all."""
        for path, entry in tree.items():
            try:
                self._write(self._at(path), entry)
            except OSError as error:
                raise SettingsError(
                    f"setup: {self._at(path)}: {error.strerror}; run it again when that is mended"
                ) from error

    def remove_empty(self, folders: Iterable[str]) -> None:
        """Remove those of the folders that hold nothing, the deepest first."""
        for folder in sorted(folders, key=len, reverse=True):
            place = self._at(folder)
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _read(self, path: str) -> Entry:
        place = self._at(path)
        try:
            status = place.lstat()
            if stat.S_ISLNK(status.st_mode):
                return Link(str(place.readlink()))
            return File(place.read_bytes(), stat.S_IMODE(status.st_mode))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SettingsError(
                f"setup: {place} can not be read: {error.strerror}; use sudo"
            ) from error

    def _write(self, place: Path, entry: Entry) -> None:
        if entry is None:
            place.unlink(missing_ok=True)
            return
        _make_folders(place.parent)
        fresh = place.with_name(f".{place.name}.new")
        fresh.unlink(missing_ok=True)
        if isinstance(entry, Link):
            fresh.symlink_to(entry.target)
        else:
            _write_through(fresh, entry)
        fresh.replace(place)


def _make_folders(folder: Path) -> None:
    """As everybody may read them, whatever root's umask is: the service is not root."""
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _write_through(place: Path, entry: File) -> None:
    """The bytes are on the card before the name is: the plug may be pulled at any time."""
    with place.open("wb") as file:
        file.write(entry.data)
        file.flush()
        # The boot partition knows no modes: there is nothing to set where they agree.
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) != entry.mode:
            os.fchmod(file.fileno(), entry.mode)
        os.fsync(file.fileno())
