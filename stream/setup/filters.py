"""Filters in `config.txt`, such as `[pi4]`, which decide if a board reads the lines below them.

Documentation: https://www.raspberrypi.com/documentation/computers/config_txt.html#conditional-filters
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

MODEL = re.compile(r"(?:pi|cm)\d+[a-z]?\+?")
TYPE = "board-type="
OTHERS = re.compile(r"0x[0-9a-fA-F]+|EDID=.+|HDMI:[01]|tryboot|[a-z]\w*[=&<>].+")
"""Filters that depend on the running board: pins, serial number, monitor, boot."""

RENAMED = {"pi3-disable-bt": "disable-bt", "pi3-miniuart-bt": "miniuart-bt"}
"""Old names of overlays, which the firmware still accepts."""


class Reading(enum.IntEnum):
    """Certainty that a board reads a line."""

    NEVER = 0
    MAYBE = 1
    SURELY = 2


@dataclass(frozen=True, slots=True)
class Board:
    """The model filters that boards of one name pass, from `firmware_configs/boards/`."""

    filters: tuple[str, ...]
    """Filters that all of them pass."""
    maybe: tuple[str, ...] = ()
    """Filters that some of them pass."""

    def overlay(self, name: str) -> str:
        """Return an overlay's name without the suffix that the firmware adds for this board."""
        own = f"-{self.filters[-1]}" if self.filters else ""
        return RENAMED.get(name, name).removesuffix(own)

    def reads(self, name: str) -> Reading:
        """Return how surely this board reads the lines below a model filter."""
        known = [*map(_plain, self.filters), *map(_plain, self.maybe)]
        plain = _plain(name)
        if plain in known:
            return Reading.SURELY if known.index(plain) < len(self.filters) else Reading.MAYBE
        is_type = plain.startswith(TYPE)
        if is_type and (plain == TYPE or not any(each.startswith(TYPE) for each in known)):
            return Reading.MAYBE
        return Reading.NEVER


class Filters:
    """The filters above a line. Filters of one kind replace each other, different kinds add up."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._kinds: dict[str, Reading] = {}

    @property
    def reading(self) -> Reading:
        return min(self._kinds.values(), default=Reading.SURELY)

    @property
    def state(self) -> Mapping[str, Reading]:
        """Return the state for `unsure_since`."""
        return dict(self._kinds)

    def enter(self, line: str) -> None:
        """Apply a line that begins with a bracket."""
        name = line[1:-1] if line.endswith("]") else ""
        if name == "all":
            self._kinds.clear()
        elif name == "none":
            self._kinds["none"] = Reading.NEVER
        elif MODEL.fullmatch(name) or name.startswith(TYPE):
            self._kinds["model"] = self._board.reads(name)
        elif OTHERS.fullmatch(name):
            self._kinds["other"] = Reading.MAYBE
        else:
            # An undocumented filter may be ignored, or have any effect.
            self._kinds = {"unknown": Reading.MAYBE}

    def unsure_since(self, state: Mapping[str, Reading]) -> None:
        """Mark the filters that changed since `state` as uncertain."""
        for kind in {**state, **self._kinds}:
            before = state.get(kind, Reading.SURELY)
            if self._kinds.get(kind, Reading.SURELY) != before:
                self._kinds[kind] = Reading.MAYBE


def _plain(name: str) -> str:
    """Return a board type with its number in decimal, or without a number if it is not valid."""
    if not name.startswith(TYPE):
        return name
    try:
        return f"{TYPE}{int(name.removeprefix(TYPE), 0)}"
    except ValueError:
        return TYPE
