"""What was there before: kept beside the settings, so that it can come back byte for byte."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from stream.errors import SettingsError
from stream.setup import cmdline, config_txt
from stream.setup.entry import Entry, File, Link, Tree
from stream.setup.plan import CMDLINE, CONFIG

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
        text = now.data.decode("latin-1")
        name = PurePosixPath(path).name
        if name == CONFIG:
            text = config_txt.without_block(text)
        elif name == CMDLINE:
            old, new = before.data.decode("latin-1"), made.data.decode("latin-1")
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
        before = {str(path): _entry(each) for path, each in document["before"].items()}
        ours = {path: tuple(map(_entry, document["ours"][path])) for path in before}
        return Record(before, ours, tuple(map(str, document["folders"])))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, SettingsError):
            raise
        raise SettingsError(
            f"{PATH}: damaged; what was there before setup is not known: edit by hand, remove it"
        ) from error


def _document(entry: Entry) -> dict[str, Any] | None:
    if isinstance(entry, File):
        return {"data": base64.b64encode(entry.data).decode(), "mode": f"{entry.mode:o}"}
    return None if entry is None else {"link": entry.target}


def _entry(document: dict[str, Any] | None) -> Entry:
    if document is None:
        return None
    if "link" in document:
        return Link(str(document["link"]))
    return File(base64.b64decode(document["data"], validate=True), int(document["mode"], 8))
