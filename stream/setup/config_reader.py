"""`config.txt` as the firmware reads it: filters, included files, overlays and their parameters.

Facts: https://www.raspberrypi.com/documentation/computers/config_txt.html and, for overlays,
https://www.raspberrypi.com/documentation/computers/configuration.html#part3.1
"""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stream.errors import SettingsError
from stream.setup.filters import Board, Filters, Reading

WIDTH = 98
"""The firmware reads so many characters of a line."""
BLANK = " \t\r"
ON_THE_BOARD = -1
"""The scope of a parameter that goes to no overlay."""
MOST_LINES, MOST_FACTS = 20_000, 1_000
"""Files that include each other are read no further; nobody says so much."""
STATEMENT = re.compile(r"([^\s=]+)(\s*=\s*|\s+|$)(.*)")
REMARK = re.compile(r"[ \t]+#.*")
"""Behind a statement."""
OVERLAY_KEYS = ("dtoverlay", "device_tree_overlay")
PARAMETER_KEYS = ("dtparam", "device_tree_param")
YES = frozenset({"", "1", "y", "yes", "on", "true"})
NO = frozenset({"0", "n", "no", "off", "false"})


class Kind(enum.Enum):
    """What a statement is about."""

    SETTING = enum.auto()
    OVERLAY = enum.auto()
    PARAMETER = enum.auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a board reads, or may read."""

    file: str
    number: int
    """From 0."""
    content: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a line says; a line may say several."""

    line: Line
    kind: Kind
    name: str
    value: str
    text: str
    """As it stands in the line."""
    scopes: frozenset[int]
    """Of a parameter: the overlays it may go to, by their places among the facts. Of an overlay:
    where parameters went before it."""
    place: int
    """Its own place among the facts."""

    @property
    def is_on_an_overlays_line(self) -> bool:
        return self.kind is Kind.PARAMETER and self.line.content.lower().startswith(OVERLAY_KEYS)


@dataclass(slots=True)
class Config:
    """All that a board is told, in order."""

    board: Board
    facts: list[Fact] = field(default_factory=list)
    scopes: frozenset[int] = frozenset({ON_THE_BOARD})
    """Where a parameter would go that came next."""
    included: list[str] = field(default_factory=list)
    """Files that are included, be they there or not."""

    def values(self, name: str, default: str) -> list[str]:
        """What a setting may be."""
        found = [default]
        for fact in self.facts:
            if fact.kind is Kind.SETTING and fact.name == name:
                found = [fact.value, *([] if fact.line.reading is Reading.SURELY else found)]
        return found


def read(files: Mapping[str, str], main: str, board: Board) -> Config:
    """What `board` reads in the file `main`, and in those that it includes.

    Raises `SettingsError` if a name leads out of the folder of `main`, or files without end
    include each other.
    """
    reader = _Reader(files, main, board)
    reader.read(main, Reading.SURELY)
    return reader.config


def beside(main: str, name: str) -> str:
    """The path of a file that `main` names. Raises `SettingsError` for one outside its folder."""
    folder = posixpath.dirname(main)
    path = posixpath.normpath(f"{folder}/{name.strip(BLANK).lstrip('/')}")
    if not path.startswith(f"{folder}/") or not (path.isascii() and path.isprintable()):
        raise SettingsError(
            f"setup: {main} names {name!r}, which is no file of the boot partition that"
            " setup can edit; name another one there"
        )
    return path


def alike(one: str, other: str) -> bool:
    """Whether two values say the same."""
    first, second = one.strip(BLANK).lower(), other.strip(BLANK).lower()
    return first == second or any({first, second} <= words for words in (YES, NO))


class _Reader:
    def __init__(self, files: Mapping[str, str], main: str, board: Board) -> None:
        self.config = Config(board)
        self._files = files
        self._main = main
        self._filters = Filters(board)
        self._open: list[str] = []
        self._left = MOST_LINES

    def read(self, path: str, most: Reading) -> None:
        """Take a file in; none of its lines is read more surely than `most`."""
        self._open.append(path)
        for number, line in enumerate(self._files.get(path, "").split("\n")):
            self._left -= 1
            if self._left < 0 or len(self.config.facts) > MOST_FACTS:
                raise SettingsError(f"setup: {self._main} says too much; make it shorter")
            content = line[:WIDTH].strip(BLANK)
            reading = min(most, self._filters.reading)
            if content.startswith("["):
                self._filters.enter(content)
            elif content and not content.startswith("#") and reading:
                self._take(Line(path, number, content, reading))
        self._open.pop()

    def _take(self, line: Line) -> None:
        said = REMARK.sub("", line.content)
        found = STATEMENT.fullmatch(said)
        if found is None:
            return
        key, separator, value = found.groups()
        usual = separator.isspace() if key.lower() == "include" else separator == "="
        if said != line.content or not usual or key != key.lower():
            # Whether blanks, capitals and a comment behind it matter is not documented.
            line = replace(line, reading=min(line.reading, Reading.MAYBE))
        key = key.lower()
        if key == "include":
            self._include(value, line.reading)
        elif key in OVERLAY_KEYS:
            self._overlay(line, value)
        elif key in PARAMETER_KEYS:
            self._parameters(line, value.split(","), self.config.scopes)
        else:
            self._add(line, Kind.SETTING, line.content, (key, value), frozenset())

    def _include(self, name: str, reading: Reading) -> None:
        path = beside(self._main, name)
        self.config.included.append(path)
        if path in self._open:
            return
        state = self._filters.state
        self.read(path, reading)
        if reading is not Reading.SURELY:
            self._filters.unsure_since(state)

    def _overlay(self, line: Line, value: str) -> None:
        name, *parameters = re.sub(r"^([^,:]*):", r"\1,", value).split(",")
        scope = ON_THE_BOARD
        if name:
            scope = len(self.config.facts)
            plain = re.sub(r"(-overlay)?(\.dtbo?)?$", "", posixpath.basename(name.strip(BLANK)))
            self._add(line, Kind.OVERLAY, name, (plain, ""), self.config.scopes)
            self._parameters(line, parameters, frozenset({scope}))
        before = frozenset() if line.reading is Reading.SURELY else self.config.scopes
        self.config.scopes = before | {scope}

    def _parameters(self, line: Line, items: list[str], scopes: frozenset[int]) -> None:
        for item in items:
            name, _, value = item.partition("=")
            if name.strip(BLANK):
                self._add(line, Kind.PARAMETER, item, (name.strip(BLANK), value), scopes)

    def _add(
        self, line: Line, kind: Kind, text: str, said: tuple[str, str], scopes: frozenset[int]
    ) -> None:
        place = len(self.config.facts)
        self.config.facts.append(Fact(line, kind, *said, text, scopes, place))
