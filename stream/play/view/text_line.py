"""Lines of coloured text of a fixed width."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from stream.play.view import palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Run(NamedTuple):
    """Text in one colour; colours are indices into the palette."""

    text: str
    ink: int = palette.TEXT
    paper: int = palette.PAPER


def line(left: Sequence[Run], right: Sequence[Run], width: int) -> list[Run]:
    """`left` and `right` at the ends of a line of `width` characters.

    Where there is no room for both, `right` goes; what is too long still is cut.
    """
    gap = width - _length(left) - _length(right)
    if gap < 0 and right:
        return line(left, [], width)
    runs, room = [], width
    for run in (*left, Run(" " * max(gap, 0)), *right):
        runs.append(run._replace(text=run.text[:room]))
        room -= len(runs[-1].text)
    return runs


def _length(runs: Iterable[Run]) -> int:
    return sum(len(run.text) for run in runs)


def dots(upper: bytes, lower: bytes) -> list[Run]:
    """Two rows of dots (palette indices) as half blocks."""
    return [
        _blocks(top, bottom, sum(1 for _ in group))
        for (top, bottom), group in groupby(zip(upper, lower, strict=True))
    ]


def _blocks(top: int, bottom: int, count: int) -> Run:
    if top == bottom and top in palette.LINES:
        return Run(("▎" if top == palette.PLAYHEAD else "▏") * count, top, palette.PAPER_MIXED)
    # A line beside a note gives way: half a line would look like a note.
    top, bottom = (palette.PAPER_MIXED if dot in palette.LINES else dot for dot in (top, bottom))
    return Run((" " if top == bottom else "▀") * count, top, bottom)


def plain(text: str) -> str:
    """`text` with every character that is not one printable column wide replaced by `?`.

    Names of ports and devices come from elsewhere and may hold escape sequences.
    """
    return "".join(
        char if char.isprintable() and _narrow(char) else "?"
        for char in unicodedata.normalize("NFC", text)
    )


def _narrow(char: str) -> bool:
    return unicodedata.east_asian_width(char) not in "WF" and not unicodedata.combining(char)
