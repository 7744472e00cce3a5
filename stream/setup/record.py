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
    """Paths that were changed, as they were and as we left them, and folders that we made."""

    before: Mapping[str, Entry]
    after: Mapping[str, Entry]
    folders: tuple[str, ...] = ()

    def to_file(self) -> File:
        """The record as it is kept."""
        document = {
            "version": VERSION,
            "before": {path: _document(entry) for path, entry in sorted(self.before.items())},
            "after": {path: _document(entry) for path, entry in sorted(self.after.items())},
            "folders": sorted(self.folders),
        }
        return File((json.dumps(document, indent=1) + "\n").encode())

    def undone(self, now: Tree) -> dict[str, Entry]:
        """What stood at each path, but for what the user has changed since."""
        return {path: self._undone(path, now[path]) for path in self.before}

    def kept(self, now: Tree) -> list[str]:
        """Paths where the user's later edit stays."""
        return [path for path in self.before if now[path] not in self._known(path)]

    def _known(self, path: str) -> tuple[Entry, Entry]:
        return self.before[path], self.after[path]

    def _undone(self, path: str, now: Entry) -> Entry:
        before, after = self._known(path)
        if now in (before, after):
            return before
        if not (isinstance(now, File) and isinstance(before, File) and isinstance(after, File)):
            return now
        text = now.data.decode("latin-1")
        name = PurePosixPath(path).name
        if name == CONFIG:
            text = config_txt.without_block(text)
        elif name == CMDLINE:
            old, new = before.data.decode("latin-1"), after.data.decode("latin-1")
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
        before, after = (
            {str(path): _entry(each) for path, each in document[when].items()}
            for when in ("before", "after")
        )
        return Record(before, after, tuple(map(str, document["folders"])))
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
