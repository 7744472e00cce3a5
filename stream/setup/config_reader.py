"""Read `config.txt` as the firmware does: filters, included files, overlays, parameters.

Documentation: https://www.raspberrypi.com/documentation/computers/config_txt.html and, on overlays,
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
"""Characters of a line that the firmware reads."""
BLANK = " \t\r"
ON_THE_BOARD = -1
"""Scope of a parameter that does not belong to an overlay."""
MOST_LINES, MOST_STATEMENTS = 20_000, 1_000
"""Limits above any real configuration, at which files that include each other are rejected."""
STATEMENT = re.compile(r"([^\s=]+)(\s*=\s*|\s+|$)(.*)")
COMMENT = re.compile(r"[ \t]+#.*")
"""A comment after a statement."""
OVERLAY_KEYS = ("dtoverlay", "device_tree_overlay")
PARAMETER_KEYS = ("dtparam", "device_tree_param")
YES = frozenset({"", "1", "y", "yes", "on", "true"})
NO = frozenset({"0", "n", "no", "off", "false"})


class Kind(enum.Enum):
    """Kind of a statement."""

    SETTING = enum.auto()
    OVERLAY = enum.auto()
    PARAMETER = enum.auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a board reads or may read."""

    file: str
    number: int
    """Number in the file, from 0."""
    content: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a line, which may contain several."""

    line: Line
    kind: Kind
    name: str
    value: str
    text: str
    """The statement as written in the line."""
    scopes: frozenset[int]
    """Overlays that a parameter may belong to, by their indices among the statements.

    For an overlay: the scopes of parameters before it.
    """
    index: int
    """Index among all statements."""

    @property
    def is_on_an_overlays_line(self) -> bool:
        return self.kind is Kind.PARAMETER and self.line.content.lower().startswith(OVERLAY_KEYS)


@dataclass(slots=True)
class Config:
    """All statements that a board reads, in order."""

    board: Board
    statements: list[Statement] = field(default_factory=list)
    scopes: frozenset[int] = frozenset({ON_THE_BOARD})
    """Scopes that a parameter would have that came next."""
    included: list[str] = field(default_factory=list)
    """Included files, existing or not."""

    def values(self, name: str, default: str) -> list[str]:
        """Return the possible values of a setting."""
        found = [default]
        for statement in self.statements:
            if statement.kind is Kind.SETTING and statement.name == name:
                found = [
                    statement.value,
                    *([] if statement.line.reading is Reading.SURELY else found),
                ]
        return found


def read(files: Mapping[str, str], main: str, board: Board) -> Config:
    """Return what `board` reads in the file `main` and in the files that it includes.

    Raises `SettingsError` if a name leads out of the folder of `main`, or if files include each
    other without end.
    """
    reader = _Reader(files, main, board)
    reader.read(main, Reading.SURELY)
    return reader.config


def beside(main: str, name: str) -> str:
    """Return the path of a file that `main` names.

    Raises `SettingsError` for one outside its folder.
    """
    folder = posixpath.dirname(main)
    path = posixpath.normpath(f"{folder}/{name.strip(BLANK).lstrip('/')}")
    if not path.startswith(f"{folder}/") or not (path.isascii() and path.isprintable()):
        raise SettingsError(
            f"setup: {main} names {name!r}, not a file of the boot partition that"
            " setup can edit; name another file there"
        )
    return path


def same_value(one: str, other: str) -> bool:
    """Return True if two values mean the same."""
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
        """Read a file; no line of it counts as read more surely than `most`."""
        self._open.append(path)
        for number, line in enumerate(self._files.get(path, "").split("\n")):
            self._left -= 1
            if self._left < 0 or len(self.config.statements) > MOST_STATEMENTS:
                raise SettingsError(f"setup: {self._main} is too long; shorten it")
            content = line[:WIDTH].strip(BLANK)
            reading = min(most, self._filters.reading)
            if content.startswith("["):
                self._filters.enter(content)
            elif content and not content.startswith("#") and reading:
                self._parse(Line(path, number, content, reading))
        self._open.pop()

    def _parse(self, line: Line) -> None:
        text = COMMENT.sub("", line.content)
        found = STATEMENT.fullmatch(text)
        if found is None:
            return
        key, separator, value = found.groups()
        usual = separator.isspace() if key.lower() == "include" else separator == "="
        if text != line.content or not usual or key != key.lower():
            # The effect of blanks, capitals and a comment after the statement is not documented.
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
            scope = len(self.config.statements)
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
        self, line: Line, kind: Kind, text: str, pair: tuple[str, str], scopes: frozenset[int]
    ) -> None:
        index = len(self.config.statements)
        self.config.statements.append(Statement(line, kind, *pair, text, scopes, index))
