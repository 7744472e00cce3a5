"""Updates a screen with few bytes: only the cells that differ are written.

A roll that moves by a column changes the edges of its notes, some hundred cells of thousands. A
terminal accepts a few kilobytes at once, and a network connection less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.view.text_line import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stream.play.view.palette import Code

Lines = list[list[Run]]
"""A picture: a list of runs for each line."""
_Cell = tuple[str, int, int]


def changes(old: Lines, new: Lines, code: Code) -> str:
    """Return escape sequences that turn the screen from `old` to `new`.

    A different number of lines means that the screen's content is unknown: it is cleared first.
    """
    if len(old) != len(new):
        blank = [[Run("", -1, -1)]] * len(new)
        return "\x1b[2J" + changes(blank, new, code)
    pen = Pen(code)
    for row, (before, after) in enumerate(zip(old, new, strict=True), 1):
        if before != after:
            pen.move(row)
            for column, cell in _changed_cells(_cells(before), _cells(after)):
                pen.put(column, cell)
    return pen.text()


def _cells(runs: Iterable[Run]) -> list[_Cell]:
    return [(char, ink, paper) for text, ink, paper in runs for char in text]


def _changed_cells(old: Sequence[_Cell], new: Sequence[_Cell]) -> Iterator[tuple[int, _Cell]]:
    """Yield the columns, from 1, and cells of `new` that differ from `old` or are missing there."""
    for column, cell in enumerate(new):
        if column >= len(old) or old[column] != cell:
            yield column + 1, cell


class Pen:
    """Writes cells, with position and colors only when they change."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._parts: list[str] = []
        self._ink = self._paper = -1
        self._row = self._column = 0

    def move(self, row: int) -> None:
        """Move to another line; rows count from 1."""
        self._row, self._column = row, 0

    def put(self, column: int, cell: _Cell) -> None:
        char, ink, paper = cell
        if column != self._column:
            self._parts.append(f"\x1b[{self._row};{column}H")
        if paper != self._paper:
            self._parts.append(f"\x1b[48;{self._code(paper)}m")
            self._paper = paper
        if ink != self._ink and char != " ":
            self._parts.append(f"\x1b[38;{self._code(ink)}m")
            self._ink = ink
        self._parts.append(char)
        self._column = column + 1

    def text(self) -> str:
        return "".join(self._parts)
