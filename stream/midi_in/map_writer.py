"""Writes the entry of a learned knob into the text of a map, and leaves the rest unchanged.

The text is edited entry by entry, because tomlkit moves an entry `[[cc]]` that follows another
table, as learned ones do, and takes the comments around it apart.
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import Any

from stream.errors import SettingsError
from stream.midi_in.mapping import ControlChangeEntry, parse
from stream.util.toml_writer import value_text

HEADER = re.compile(r"(?m)^(?=[ \t]*\[)")
"""The beginning of an entry of a TOML file."""
REMEDY = "to learn, write each control change as an entry [[cc]] of its own"


def with_entry(
    text: str, control: str, number: int, channel: int
) -> tuple[str, ControlChangeEntry]:
    """Return a map in which this control change alone moves `control`, and nothing else.

    Return its entry too, with the range that the control had before. Raises `SettingsError` for a
    text that is not a map, or that has another form than `[[cc]]` entries.
    """
    parse(text, "--map")
    head, *entries = _entries(text)
    others, limits = [head], dict[str, Any]()
    for entry in entries:
        found = _control_change(entry)
        is_same = found.get("control") == control
        is_knob = found.get("number") == number and found.get("channel", channel) == channel
        if is_same:
            limits = {name: found[name] for name in ("low", "high") if name in found}
        if not (is_same or is_knob):
            others.append(entry)
    members: dict[str, Any] = {"number": number, "control": value_text(control), "channel": channel}
    members |= limits
    written = "".join(f"{name} = {value}\n" for name, value in members.items())
    before = "".join(others).rstrip()
    result = f"{before}\n\n[[cc]]\n{written}" if before else f"[[cc]]\n{written}"
    try:
        return result, parse(result, "--map").control_changes[-1]
    except SettingsError as error:
        raise SettingsError(f"{error}; {REMEDY}") from error


def _entries(text: str) -> list[str]:
    """Split a map before each entry: first what precedes all entries, then one text for each.

    Comments directly above an entry belong to it. Those above the first one describe the file.
    """
    first, *others = [found.start() for found in HEADER.finditer(text)] or [len(text)]
    starts = [0, first, *(_above(text, start) for start in others), len(text)]
    return [text[start:end] for start, end in pairwise(starts)]


def _above(text: str, start: int) -> int:
    """Return the beginning of the lines of comments directly above `start`."""
    while True:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text[line:start].lstrip(" \t").startswith("#"):
            return start
        start = line


def _control_change(entry: str) -> dict[str, Any]:
    """Return the members of a `[[cc]]` entry; empty for any other entry."""
    try:
        document = tomllib.loads(entry)
    except ValueError as error:
        raise SettingsError(f"--map: {error}; {REMEDY}") from error
    entries = document.get("cc", [])
    return dict(entries[0]) if entries else {}
