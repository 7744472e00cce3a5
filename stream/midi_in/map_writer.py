"""Writing a knob that was learnt into a map. The rest of the map stays as it is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stream.errors import SettingsError
from stream.midi_in.mapping import Controller, parse
from stream.util.toml_writer import value_text

ENTRY = re.compile(r"(?m)^(?=[ \t]*\[)")
"""Where an entry of a TOML file begins."""
REMEDY = "to learn, write the controllers as [[cc]] each, one under the other"


def learnt(text: str, control: str, number: int, channel: int) -> tuple[str, Controller]:
    """The text of a map in which this controller alone moves `control`, and moves nothing else.

    With it comes its entry, which has the range that the control had before.
    Raises `SettingsError` for a text that is no map, or is written in another way than `[[cc]]`.
    """
    parse(text, "--map")
    head, *entries = ENTRY.split(text)
    kept, ends = [head], dict[str, Any]()
    for entry in entries:
        found = _entry(entry)
        is_same = found.get("control") == control
        is_knob = found.get("number") == number and found.get("channel", channel) == channel
        if is_same:
            ends = {name: found[name] for name in ("low", "high") if name in found}
        if not (is_same or is_knob):
            kept.append(entry)
    lines: dict[str, Any] = {"number": number, "control": value_text(control), "channel": channel}
    lines |= ends
    written = "".join(f"{name} = {value}\n" for name, value in lines.items())
    before = "".join(kept).rstrip()
    result = f"{before}\n\n[[cc]]\n{written}" if before else f"[[cc]]\n{written}"
    try:
        return result, parse(result, "--map").controllers[-1]
    except SettingsError as error:
        raise SettingsError(f"{error}; {REMEDY}") from error


def _entry(text: str) -> dict[str, Any]:
    """The controller of an entry; empty where it is another thing."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise SettingsError(f"--map: {error}; {REMEDY}") from error
    controllers = document.get("cc", [])
    return dict(controllers[0]) if controllers else {}
