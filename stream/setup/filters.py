"""Filters in `config.txt`, such as `[pi4]`: whether a board reads the lines below them.

Facts: https://www.raspberrypi.com/documentation/computers/config_txt.html#conditional-filters
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

MODEL = re.compile(r"(?:pi|cm)\d+[a-z]?\+?")
TYPE = "board-type="
OTHERS = re.compile(r"0x[0-9a-fA-F]+|EDID=.+|HDMI:[01]|tryboot|[a-z]\w*[=&<>].+")
"""What only the running board can answer: its pins, serial number, monitor and boot."""

RENAMED = {"pi3-disable-bt": "disable-bt", "pi3-miniuart-bt": "miniuart-bt"}
"""Overlays that are still found under a name of old."""


class Reading(enum.IntEnum):
    """Whether a line is read."""

    NEVER = 0
    MAYBE = 1
    SURELY = 2


@dataclass(frozen=True, slots=True)
class Board:
    """The model filters that boards of one name pass, as in `firmware_configs/boards/`."""

    filters: tuple[str, ...]
    """Those that each of them passes."""
    maybe: tuple[str, ...] = ()
    """Those that some of them pass."""

    def overlay(self, name: str) -> str:
        """The name that an overlay has on every board: the firmware chooses this board's own."""
        own = f"-{self.filters[-1]}" if self.filters else ""
        return RENAMED.get(name, name).removesuffix(own)

    def reads(self, name: str) -> Reading:
        """What comes below a model filter."""
        known = [*map(_plain, self.filters), *map(_plain, self.maybe)]
        plain = _plain(name)
        if plain in known:
            return Reading.SURELY if known.index(plain) < len(self.filters) else Reading.MAYBE
        is_type = plain.startswith(TYPE)
        if is_type and (plain == TYPE or not any(each.startswith(TYPE) for each in known)):
            return Reading.MAYBE
        return Reading.NEVER


class Filters:
    """The filters above a line. Those of one kind replace each other, those of several add up."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._kinds: dict[str, Reading] = {}

    @property
    def reading(self) -> Reading:
        return min(self._kinds.values(), default=Reading.SURELY)

    @property
    def state(self) -> Mapping[str, Reading]:
        """What `unsure_since` takes."""
        return dict(self._kinds)

    def enter(self, line: str) -> None:
        """Go below a line that begins with a bracket."""
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
            # No filter that is documented: it may be passed over, or be heeded in any way.
            self._kinds = {"unknown": Reading.MAYBE}

    def unsure_since(self, state: Mapping[str, Reading]) -> None:
        """Lines since `state` may have been read, or may not."""
        for kind in {**state, **self._kinds}:
            before = state.get(kind, Reading.SURELY)
            if self._kinds.get(kind, Reading.SURELY) != before:
                self._kinds[kind] = Reading.MAYBE


def _plain(name: str) -> str:
    """The same number of a board in the same words; without a number that can be read, none."""
    if not name.startswith(TYPE):
        return name
    try:
        return f"{TYPE}{int(name.removeprefix(TYPE), 0)}"
    except ValueError:
        return TYPE
