"""The folder of a listener's own styles: list, find, rename, delete, add."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stream.errors import SettingsError, VoiceError
from stream.own_styles.own_style import (
    NAME,
    SUFFIX,
    Learned,
    OwnStyle,
    misfit,
    read,
    to_bytes,
)
from stream.util import atomic_write
from stream.util.private_folder import state_folder
from stream.util.suggestion import did_you_mean
from stream.voices.spec import VoiceSpec, digest, read_spec

FOLDER: Final = "styles"
MOST: Final = 200
"""Most own styles that are read."""


def styles_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """Return the folder of the own styles of this account; None without a home folder."""
    try:
        return state_folder(os.environ if environment is None else environment) / FOLDER
    except RuntimeError:
        return None


def checked_name(name: str) -> str:
    """Return the name of an own style. Raises `SettingsError` for an invalid one."""
    if not re.fullmatch(NAME, name):
        raise SettingsError(
            f"style {name[:60]!r}: not a name for a style; give small letters, digits, - and _,"
            " such as my-tunes"
        )
    return name


class Library:
    """The own styles in a folder, which is created with the first of them."""

    def __init__(self, folder: Path | None = None) -> None:
        found = folder or styles_folder()
        if found is None:
            raise SettingsError("styles: there is no home folder; set XDG_STATE_HOME to a folder")
        self.folder = found

    def path_of(self, name: str) -> Path:
        """Return the path of the file of a style."""
        return self.folder / (checked_name(name) + SUFFIX)

    def names(self) -> list[str]:
        """Return the names of the styles, in order."""
        try:
            found = [p.name.removesuffix(SUFFIX) for p in self.folder.glob(f"*{SUFFIX}")]
        except OSError:
            return []
        return sorted(name for name in found if re.fullmatch(NAME, name))[:MOST]

    def read(self, name: str) -> Learned:
        """Return a style by name. Raises `SettingsError` for an unknown name, or `VoiceError`."""
        if name not in self.names():
            known = ", ".join(self.names()) or "none yet; 'perpetuum style learn NAME FILES'"
            hint = did_you_mean(name, self.names())
            raise SettingsError(f"style {name[:60]!r}: not an own style; there are {known}{hint}")
        learned = read(self.path_of(name))
        # The name of the file counts, so that a file may simply be renamed or copied.
        return dataclasses.replace(learned, name=name)

    def write(self, learned: Learned) -> Path:
        """Write a style, and replace one of its name. Raises `SettingsError`."""
        path = self.path_of(learned.name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic_write.replace_durably(path, to_bytes(learned))
        except OSError as error:
            raise SettingsError(
                f"style {learned.name}: {path} cannot be written ({error.strerror}); free some"
                " space, or name another folder by XDG_STATE_HOME"
            ) from error
        return path

    def add(self, path: Path, name: str | None, taken: frozenset[str]) -> Learned:
        """Add the style in a file that somebody has shared. Raises `SettingsError`, `VoiceError`.

        `taken` are the names that it must not have.
        """
        learned = read(path)
        learned = dataclasses.replace(learned, name=name or learned.name)
        self._check_free(learned.name, taken)
        self.write(learned)
        return learned

    def rename(self, name: str, new: str, taken: frozenset[str]) -> None:
        """Rename a style. Raises `SettingsError`."""
        learned = self.read(name)
        self._check_free(new, taken)
        self.write(dataclasses.replace(learned, name=new))
        self.delete(name)

    def delete(self, name: str) -> None:
        """Delete a style. Raises `SettingsError`."""
        self.read_name(name).unlink()

    def read_name(self, name: str) -> Path:
        """Return the path of the file of a style that exists, even of a damaged one."""
        if name not in self.names():
            self.read(name)
        return self.path_of(name)

    def _check_free(self, name: str, taken: frozenset[str]) -> None:
        if name in self.names() or name in taken:
            raise SettingsError(f"style {name}: this name is taken; give another one")


def own_styles(spec: VoiceSpec, path: Path) -> dict[str, OwnStyle]:
    """Return the own styles that a voice can play, by name; damaged ones are left out.

    A style of the voice keeps its name.
    """
    if spec.kind != "melody" or not spec.context or (folder := styles_folder()) is None:
        return {}
    library = Library(folder)
    names = library.names()
    sha256 = digest(path) if names else ""
    found: dict[str, OwnStyle] = {}
    for name in names:
        try:
            learned = library.read(name)
        except (SettingsError, VoiceError):
            continue
        if name not in spec.styles and not misfit(learned, spec, sha256):
            found[name] = learned.style
    return found


def with_own_styles(spec: VoiceSpec, path: Path) -> VoiceSpec:
    """Return the spec of a voice with the own styles that it can play beside its own."""
    own = own_styles(spec, path)
    return dataclasses.replace(spec, styles={**spec.styles, **own}) if own else spec


def read_styled(path: Path) -> VoiceSpec:
    """Return the spec of a voice file with the own styles. Raises `VoiceError`."""
    return with_own_styles(read_spec(path), path)


def digests(path: Path) -> dict[str, str]:
    """Return the SHA-256 digest of each own style that the voice at `path` can play."""
    folder = styles_folder()
    if folder is None or not Library(folder).names():
        return {}  # no need to read the voice, as a player starts
    return {name: style.digest for name, style in own_styles(read_spec(path), path).items()}
