"""Lines of colored text of a fixed width."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from stream.play.view import palette

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_EQUAL = re.compile(rb"(..)\1*", re.DOTALL)
"""A pair of dots, one above the other, and all equal ones that follow."""


class Run(NamedTuple):
    """Text in one color; `ink` and `paper` are indices into the palette."""

    text: str
    ink: int = palette.TEXT
    paper: int = palette.PAPER


def line(left: Sequence[Run], right: Sequence[Run], width: int) -> list[Run]:
    """Return a line of `width` characters with `left` and `right` at its ends.

    Without space for both, `right` is dropped; a `left` that is still too long is cut.
    """
    gap = width - _length(left) - _length(right)
    if gap < 0 and right:
        return line(left, [], width)
    runs, remaining = [], width
    for run in (*left, Run(" " * max(gap, 0)), *right):
        runs.append(run._replace(text=run.text[:remaining]))
        remaining -= len(runs[-1].text)
    return runs


def _length(runs: Iterable[Run]) -> int:
    return sum(len(run.text) for run in runs)


@lru_cache(maxsize=512)
def dots(upper: bytes, lower: bytes) -> tuple[Run, ...]:
    """Return two rows of dots (palette indices) as half blocks; most rows stay for many frames."""
    pairs = bytearray(2 * len(upper))
    pairs[::2], pairs[1::2] = upper, lower
    return tuple(
        _blocks(match[1][0], match[1][1], len(match[0]) // 2) for match in _EQUAL.finditer(pairs)
    )


def _blocks(top: int, bottom: int, count: int) -> Run:
    if top == bottom and top in palette.LINES:
        return Run("▏" * count, top, palette.LINES[top])
    # A line beside a note is not drawn: half a line would look like a note.
    top, bottom = (palette.LINES.get(dot, dot) for dot in (top, bottom))
    if top == bottom:
        return Run(" " * count, paper=bottom)
    return Run("▀" * count, top, bottom)


def marked(runs: Sequence[Run], column: int, mark: Run) -> list[Run]:
    """Return a line with the character of `mark` at `column` if there is only paper, or a line."""
    begin = 0
    for index, run in enumerate(runs):
        left, right = run.text[: column - begin], run.text[column - begin + 1 :]
        if column < begin + len(run.text):
            if run.paper not in palette.PAPERS or run.text[column - begin] not in " ▏":
                break
            pieces = (run._replace(text=left), mark._replace(paper=run.paper))
            return [*runs[:index], *pieces, run._replace(text=right), *runs[index + 1 :]]
        begin += len(run.text)
    return list(runs)


def plain(text: str) -> str:
    """Return `text` with every character that is not one printable column wide replaced by `?`.

    Names of ports and devices are foreign text and may contain escape sequences.
    """
    return "".join(
        char if char.isprintable() and _narrow(char) else "?"
        for char in unicodedata.normalize("NFC", text)
    )


def _narrow(char: str) -> bool:
    return unicodedata.east_asian_width(char) not in "WF" and not unicodedata.combining(char)
