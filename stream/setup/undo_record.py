"""The record of entries before a set-up, stored on the card to restore them byte for byte.

A card may come from any source: a record with a path that no set-up changes, or with a mode that no
set-up gives, is rejected as a whole.
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
    """Changed paths before and after the set-up, and folders that it created."""

    before: Mapping[str, Entry]
    ours: Mapping[str, tuple[Entry, ...]]
    """Entries that the set-up wrote. During a change: those from before and those to come."""
    folders: tuple[str, ...] = ()

    def followed_by(self, new: Record) -> Record:
        """Return the record that is valid if the power fails between this one and `new`."""
        ours = {
            path: (*self.ours.get(path, ()), *new.ours.get(path, ()))
            for path in {**self.ours, **new.ours}
        }
        folders = tuple({*self.folders, *new.folders})
        return Record({**self.before, **new.before}, ours, folders)

    def to_file(self) -> File:
        """Return the record as it is stored."""
        document = {
            "version": VERSION,
            "before": {path: _document(entry) for path, entry in sorted(self.before.items())},
            "ours": {path: [*map(_document, made)] for path, made in sorted(self.ours.items())},
            "folders": sorted(self.folders),
        }
        return File((json.dumps(document, indent=1) + "\n").encode())

    def undone(self, now: Tree) -> dict[str, Entry]:
        """Return the entries before the set-up, with the later edits of the user."""
        return {path: self._undone(path, now[path]) for path in self.before}

    def edited(self, now: Tree) -> list[str]:
        """Return the paths that the user has edited since."""
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
    """Return the stored record, or an empty one. Raises `SettingsError` for a damaged one."""
    if not isinstance(entry, File):
        return EMPTY
    try:
        document = json.loads(entry.data)
        if document["version"] != VERSION:
            raise SettingsError(
                f"{PATH}: version {document['version']} is not supported, only {VERSION}"
            )
        known = known_paths()
        before = {_path(path, known): _entry(each) for path, each in document["before"].items()}
        ours = {path: _made(document["ours"][path]) for path in before}
        folders = tuple(_folder(folder, known) for folder in document["folders"])
        return Record(before, ours, folders)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError(
            f"{PATH}: damaged, so setup cannot be undone; edit the files by hand and remove it"
        ) from error


def _path(path: str, known: frozenset[str]) -> str:
    if path in known or is_boot_file(path):
        return path
    raise SettingsError(f"{PATH}: {path!r} is not a path that setup changes; remove {PATH}")


def _folder(folder: str, known: frozenset[str]) -> str:
    files = {*known, PATH, *(f"{boot}/{CONFIG}" for boot in BOOT)}
    if folder == "/" or any(file.startswith(f"{folder}/") for file in files):
        return folder
    raise SettingsError(f"{PATH}: {folder!r} is not a folder that setup creates; remove {PATH}")


def _made(documents: Sequence[dict[str, Any] | None]) -> tuple[Entry, ...]:
    if not documents:
        raise ValueError("no entry was written")
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
            raise ValueError("not a valid target of a link")
        return Link(target)
    mode = int(document["mode"], 8)
    if mode & ~PERMISSIONS:
        raise SettingsError(f"{PATH}: mode {mode:o} is not one that setup gives; remove {PATH}")
    return File(base64.b64decode(document["data"], validate=True), mode)
