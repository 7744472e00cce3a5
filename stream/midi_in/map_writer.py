"""Writes the entry of a learned knob into the text of a map, and leaves the rest unchanged."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stream.errors import SettingsError
from stream.midi_in.mapping import ControlChangeEntry, parse
from stream.util.toml_writer import value_text

ENTRY_START = re.compile(r"(?m)^(?=[ \t]*\[)")
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
    head, *entries = ENTRY_START.split(text)
    kept, limits = [head], dict[str, Any]()
    for entry in entries:
        found = _control_change(entry)
        is_same = found.get("control") == control
        is_knob = found.get("number") == number and found.get("channel", channel) == channel
        if is_same:
            limits = {name: found[name] for name in ("low", "high") if name in found}
        if not (is_same or is_knob):
            kept.append(entry)
    members: dict[str, Any] = {"number": number, "control": value_text(control), "channel": channel}
    members |= limits
    written = "".join(f"{name} = {value}\n" for name, value in members.items())
    before = "".join(kept).rstrip()
    result = f"{before}\n\n[[cc]]\n{written}" if before else f"[[cc]]\n{written}"
    try:
        return result, parse(result, "--map").control_changes[-1]
    except SettingsError as error:
        raise SettingsError(f"{error}; {REMEDY}") from error


def _control_change(text: str) -> dict[str, Any]:
    """Return the members of a `[[cc]]` entry; empty for any other entry."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise SettingsError(f"--map: {error}; {REMEDY}") from error
    entries = document.get("cc", [])
    return dict(entries[0]) if entries else {}
