"""Learning which knob is meant, and writing it into a map. The rest of the map stays as it is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stream.errors import SettingsError
from stream.midi_in.desk import well_formed
from stream.midi_in.knobs import CONTROL_CHANGE, PRESSED
from stream.midi_in.mapping import ACTIONS, LAST_NUMBER, Controller, parse
from stream.toml_text import value_text

TURNED = 3
"""Different values that a knob has sent once it was turned; a button has two."""
FINE = 32
"""A controller of 14 bits sends its lower seven under a number so much higher."""
ENTRY = re.compile(r"(?m)^(?=[ \t]*\[)")
"""Where an entry of a TOML file begins."""
REMEDY = "to learn, write the controllers as [[cc]] each, one under the other"


class Learner:
    """Listens until a knob has been turned, or a button pressed, for what is to be learnt."""

    def __init__(self, control: str) -> None:
        self._button = control in ACTIONS
        self._values: dict[tuple[int, int], set[int]] = {}

    def message(self, data: bytes) -> tuple[int, int] | None:
        """Number and channel (1-16) of the controller that is meant, once it is known."""
        if not well_formed(data) or data[0] & 0xF0 != CONTROL_CHANGE or data[1] > LAST_NUMBER:
            return None
        number, channel = data[1], (data[0] & 0x0F) + 1
        values = self._values.setdefault((number, channel), set())
        values.add(data[2])
        if self._button:
            return (number, channel) if data[2] >= PRESSED else None
        if len(values) < TURNED:
            return None
        coarse = (number - FINE, channel)
        return coarse if coarse in self._values else (number, channel)


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
