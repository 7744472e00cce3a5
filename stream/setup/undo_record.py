"""What was there before: kept beside the settings, so that it can come back byte for byte.

The record lies on the card, and a card may come from anybody: a path that no set-up changes, or a
mode that it never gives, makes the whole record one that is not obeyed.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stream.errors import SettingsError
from stream.setup import cmdline, config_txt
from stream.setup.boot_files import CONFIG
from stream.setup.entry import Entry, File, Link, Tree
from stream.setup.plan import BOOT, is_boot_file
from stream.setup.recipe import known_paths
from stream.setup.rooted import PERMISSIONS

PATH = "/etc/perpetuum/setup.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """Paths that were changed, as they were and as we made them, and folders that we made."""

    before: Mapping[str, Entry]
    ours: Mapping[str, tuple[Entry, ...]]
    """What we put there. While it is being changed: what we had put there, and what is to come."""
    folders: tuple[str, ...] = ()

    def followed_by(self, new: Record) -> Record:
        """The record that holds wherever between this one and `new` the power fails."""
        ours = {
            path: (*self.ours.get(path, ()), *new.ours.get(path, ()))
            for path in {**self.ours, **new.ours}
        }
        folders = tuple({*self.folders, *new.folders})
        return Record({**self.before, **new.before}, ours, folders)

    def to_file(self) -> File:
        """The record as it is kept."""
        document = {
            "version": VERSION,
            "before": {path: _document(entry) for path, entry in sorted(self.before.items())},
            "ours": {path: [*map(_document, made)] for path, made in sorted(self.ours.items())},
            "folders": sorted(self.folders),
        }
        return File((json.dumps(document, indent=1) + "\n").encode())

    def undone(self, now: Tree) -> dict[str, Entry]:
        """What stood at each path, but for what the user has changed since."""
        return {path: self._undone(path, now[path]) for path in self.before}

    def kept(self, now: Tree) -> list[str]:
        """Paths where the user's later edit stays."""
        return [path for path in self.before if not self._known(path, now[path])]

    def _known(self, path: str, now: Entry) -> bool:
        return now in (self.before[path], *self.ours[path])

    def _undone(self, path: str, now: Entry) -> Entry:
        before, made = self.before[path], self.ours[path][-1]
        if self._known(path, now):
            return before
        if not (isinstance(now, File) and isinstance(before, File) and isinstance(made, File)):
            return now
        if not is_boot_file(path):
            return now
        text, old, new = (file.data.decode("latin-1") for file in (now, before, made))
        if config_txt.is_edited(new):
            text = config_txt.without_block(text)
        else:
            text = cmdline.restored(text, before=old, after=new)
        return File(text.encode("latin-1"), now.mode)


EMPTY = Record({}, {})


def record_of(entry: Entry) -> Record:
    """The record that was kept, or an empty one. Raises `SettingsError` for a damaged one."""
    if not isinstance(entry, File):
        return EMPTY
    try:
        document = json.loads(entry.data)
        if document["version"] != VERSION:
            raise SettingsError(f"{PATH}: of version {document['version']}, not {VERSION}")
        known = known_paths()
        before = {_path(path, known): _entry(each) for path, each in document["before"].items()}
        ours = {path: _made(document["ours"][path]) for path in before}
        folders = tuple(_folder(folder, known) for folder in document["folders"])
        return Record(before, ours, folders)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError(
            f"{PATH}: damaged; what was there before setup is not known: edit by hand, remove it"
        ) from error


def _path(path: str, known: frozenset[str]) -> str:
    if path in known or is_boot_file(path):
        return path
    raise SettingsError(f"{PATH}: {path!r} is no path that setup changes; remove {PATH}")


def _folder(folder: str, known: frozenset[str]) -> str:
    files = {*known, PATH, *(f"{boot}/{CONFIG}" for boot in BOOT)}
    if folder == "/" or any(file.startswith(f"{folder}/") for file in files):
        return folder
    raise SettingsError(f"{PATH}: {folder!r} is no folder that setup makes; remove {PATH}")


def _made(documents: Sequence[dict[str, Any] | None]) -> tuple[Entry, ...]:
    if not documents:
        raise ValueError("nothing was made")
    return tuple(map(_entry, documents))


def _document(entry: Entry) -> dict[str, Any] | None:
    if isinstance(entry, File):
        return {"data": base64.b64encode(entry.data).decode(), "mode": f"{entry.mode:o}"}
    return None if entry is None else {"link": entry.target}


def _entry(document: dict[str, Any] | None) -> Entry:
    if document is None:
        return None
    if "link" in document:
        target = str(document["link"])
        if not target or b"\0" in os.fsencode(target):
            raise ValueError("no link leads there")
        return Link(target)
    mode = int(document["mode"], 8)
    if mode & ~PERMISSIONS:
        raise SettingsError(f"{PATH}: mode {mode:o} is none that setup gives; remove {PATH}")
    return File(base64.b64decode(document["data"], validate=True), mode)
