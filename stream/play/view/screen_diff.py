"""Updates a screen with few bytes: only the runs of cells that differ are written.

A playhead that moves over a still page changes two cells of each line. Colors and positions are
most of the bytes, so both are written only where they change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.view.text_line import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.play.view.palette import Code

Lines = list[list[Run]]
"""A picture: a list of runs for each line."""


def changes(old: Lines, new: Lines, code: Code) -> str:
    """Return escape sequences that turn the screen from `old` to `new`.

    A different number of lines means that the screen's content is unknown: every cell is written.
    """
    if len(old) != len(new):
        old = [[]] * len(new)
    changed = [
        (row, [*changed_runs(before, after)])
        for row, (before, after) in enumerate(zip(old, new, strict=True), 1)
        if before != after
    ]
    pen = Pen(code)
    # Lines of one paper follow one another: a change of color is longer than one of position.
    for row, runs in sorted(changed, key=lambda line: line[1][0][1].paper if line[1] else 0):
        for column, run in runs:
            pen.put(row, column + 1, run)
    return pen.text()


def changed_runs(old: Sequence[Run], new: Sequence[Run]) -> Iterator[tuple[int, Run]]:
    """Yield the columns, from 0, and pieces of the line `new` that differ from `old`."""
    rest = iter(old)
    other, begin, end, column = _UNKNOWN, 0, 0, 0  # `other` fills the columns `begin` to `end`
    for run in new:
        first, stop = column, column + len(run.text)
        while column < stop:
            while end <= column:
                other, begin = next(rest, _UNKNOWN), end
                end += len(other.text)
            until = min(stop, end)
            if run is not other or begin != first:
                text = run.text[column - first : until - first]
                if not _same(run, other, text, other.text[column - begin : until - begin]):
                    yield column, Run(text, run.ink, run.paper)
            column = until


_UNKNOWN = Run("\0" * 10_000, -1, -1)
"""Cells of unknown content."""


def _same(run: Run, other: Run, text: str, other_text: str) -> bool:
    """Return True if pieces of two runs look the same; the color of spaces does not matter."""
    if text != other_text or run.paper != other.paper:
        return False
    return run.ink == other.ink or text.isspace()


class Pen:
    """Writes runs, with position and colors only when they change."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._parts: list[str] = []
        self._ink = self._paper = -1
        self._row = self._column = 0

    def put(self, row: int, column: int, run: Run) -> None:
        """Write a run; rows and columns count from 1."""
        gap = column - self._column
        if row != self._row or gap < 0:
            self._parts.append(f"\x1b[{row};{column}H")
        elif gap:
            self._parts.append(f"\x1b[{gap}C" if gap > 1 else "\x1b[C")
        if run.paper != self._paper:
            self._parts.append(f"\x1b[48;{self._code(run.paper)}m")
            self._paper = run.paper
        if run.ink != self._ink and not run.text.isspace():
            self._parts.append(f"\x1b[38;{self._code(run.ink)}m")
            self._ink = run.ink
        self._parts.append(run.text)
        self._row, self._column = row, column + len(run.text)

    def text(self) -> str:
        return "".join(self._parts)
