"""Read and write entries of a real system: the running one, or one mounted at a folder."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from stream.errors import SettingsError
from stream.setup import rooted
from stream.setup.boot_files import CONFIG
from stream.setup.entry import Entry, File, Link, Tree
from stream.setup.plan import BOOT, MOVED
from stream.util import atomic_write

MODEL = "/proc/device-tree/model"
UMASK = 0o022
"""The umask for new folders, which the service has to read without being root."""


class Disk:
    """The system below `root`; links cannot lead out of it.

    Every method raises `SettingsError` if the system denies access.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.running = (
            os.path.realpath(root) == "/"
        )  # a loop of links is reported by the first read

    def model(self) -> str:
        """Return the model name that the board gives."""
        try:
            path = rooted.followed(self._root, MODEL)
            return rooted.content(self._root, path)[0].rstrip(b"\0").decode("ascii", "replace")
        except OSError as error:
            raise SettingsError(
                "setup auto: the model of this board is unknown; name it, such as: setup pi4"
            ) from error

    def boot(self) -> str:
        """Return the folder of the firmware's files."""
        for folder in BOOT:
            if self._holds_config(folder):
                return folder
            if rooted.is_folder(self._root, folder):
                # A system that has /boot/firmware does not read /boot.
                break
        where = self._shown(BOOT[0])
        raise SettingsError(
            f"setup: no {CONFIG} in {where}; run it on a Raspberry Pi, or mount its card and"
            " name the folder: --root FOLDER (the boot partition belongs at boot/firmware in it)"
        )

    def is_program(self, path: str) -> bool:
        """Return True if `path` is a program."""
        try:
            found = rooted.status(self._root, rooted.followed(self._root, path))
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and bool(found.st_mode & 0o111)

    def read(self, paths: Iterable[str]) -> dict[str, Entry]:
        return {path: self._read(path) for path in paths}

    def missing_folders(self, paths: Iterable[str]) -> set[str]:
        """Return the folders above these paths that do not exist yet."""
        above = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
        return {folder for folder in above if not rooted.is_folder(self._root, folder)}

    def write(self, tree: Tree) -> None:
        """Write the entries one after the other, each in one step."""
        with _umask(UMASK):
            for path, entry in tree.items():
                missing = self.missing_folders([path])
                try:
                    self._write(path, entry)
                except OSError as error:
                    self.remove_empty(missing)
                    raise SettingsError(
                        f"setup: {self._shown(path)}: {error.strerror};"
                        " correct that and run setup again"
                    ) from error

    def remove_empty(self, folders: Iterable[str]) -> None:
        """Remove the folders that are empty, the deepest first."""
        for path in sorted(folders, key=len, reverse=True):
            with (
                contextlib.suppress(OSError),
                rooted.parent(self._root, path) as (folder, name),
            ):
                os.rmdir(name, dir_fd=folder)

    def _shown(self, path: str) -> Path:
        """Return `path` as it is shown in messages; it is never opened."""
        return self._root / path.lstrip("/")

    def _holds_config(self, folder: str) -> bool:
        try:
            data, _ = rooted.content(self._root, f"{folder}/{CONFIG}")
        except OSError:
            return False
        return folder == BOOT[0] or MOVED not in data

    def _read(self, path: str) -> Entry:
        try:
            found = rooted.status(self._root, path)
            if stat.S_ISLNK(found.st_mode):
                with rooted.parent(self._root, path) as (folder, name):
                    return Link(os.readlink(name, dir_fd=folder))
            return File(*rooted.content(self._root, path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise SettingsError(
                f"setup: {self._shown(path)} cannot be read: {error.strerror}; use sudo"
            ) from error
        except OSError as error:
            raise SettingsError(
                f"setup: {self._shown(path)} cannot be read: {error.strerror};"
                " move it away and run setup again"
            ) from error

    def _write(self, path: str, entry: Entry) -> None:
        if entry is None:
            with (
                contextlib.suppress(FileNotFoundError, NotADirectoryError),
                rooted.parent(self._root, path) as (folder, name),
            ):
                os.unlink(name, dir_fd=folder)
                _sync(folder)
            return
        with (
            rooted.made_parent(self._root, path) as (folder, name),
            _draft(folder, name) as draft,
        ):
            if isinstance(entry, Link):
                os.symlink(entry.target, draft, dir_fd=folder)
            else:
                _write_through(folder, draft, entry)
            os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            _sync(folder)


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def _draft(folder: int, name: str) -> Iterator[str]:
    """Yield a name beside `name` that is free before and after the block."""
    draft = f".{name}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=folder)
    try:
        yield draft
    finally:
        # The draft still exists if writing failed, for example because the card is full.
        with contextlib.suppress(OSError):
            os.unlink(draft, dir_fd=folder)


def _write_through(folder: int, draft: str, entry: File) -> None:
    """Write the bytes to the card before the name, because the power may fail at any time."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o600, dir_fd=folder), "wb", buffering=0) as file:
        atomic_write.put(file.fileno(), entry.data, 0)
        # The boot partition has no modes, so one that agrees is not set.
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) != entry.mode:
            os.fchmod(file.fileno(), entry.mode)
        os.fsync(file.fileno())


def _sync(folder: int) -> None:
    """Write the names in a folder to the card, if the file system can."""
    with contextlib.suppress(OSError):
        file = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.fsync(file)
        finally:
            os.close(file)
