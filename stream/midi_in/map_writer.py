"""Write a learned controller into a map, and leave the rest of the map as it is.

The text is edited entry by entry, because tomlkit moves an entry `[[cc]]` that follows another
table, as learned ones do, and takes the comments around it apart.
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import Any

from stream.errors import SettingsError
from stream.midi_in.mapping import Controller, parse
from stream.util.toml_writer import value_text

HEADER = re.compile(r"(?m)^(?=[ \t]*\[)")
"""The beginning of an entry of a TOML file."""
REMEDY = "to learn, write the controllers as [[cc]] each, one under the other"


def with_controller(text: str, control: str, number: int, channel: int) -> tuple[str, Controller]:
    """Return the text of a map in which this controller alone moves `control`, and nothing else.

    Also return its entry, which has the range that the control had before.
    Raises `SettingsError` for a text that is not a map, or is not written with `[[cc]]`.
    """
    parse(text, "--map")
    head, *entries = _entries(text)
    others, ends = [head], dict[str, Any]()
    for entry in entries:
        found = _controller(entry)
        is_same = found.get("control") == control
        is_knob = found.get("number") == number and found.get("channel", channel) == channel
        if is_same:
            ends = {name: found[name] for name in ("low", "high") if name in found}
        if not (is_same or is_knob):
            others.append(entry)
    lines: dict[str, Any] = {"number": number, "control": value_text(control), "channel": channel}
    lines |= ends
    written = "".join(f"{name} = {value}\n" for name, value in lines.items())
    before = "".join(others).rstrip()
    result = f"{before}\n\n[[cc]]\n{written}" if before else f"[[cc]]\n{written}"
    try:
        return result, parse(result, "--map").controllers[-1]
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
    """Return where the lines of comments directly above `start` begin."""
    while True:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text[line:start].lstrip(" \t").startswith("#"):
            return start
        start = line


def _controller(entry: str) -> dict[str, Any]:
    """Return the controller of an entry; an empty one for an entry of another kind."""
    try:
        document = tomllib.loads(entry)
    except ValueError as error:
        raise SettingsError(f"--map: {error}; {REMEDY}") from error
    controllers = document.get("cc", [])
    return dict(controllers[0]) if controllers else {}
