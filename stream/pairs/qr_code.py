"""QR codes, as rows of text for a terminal or a journal, and as a path for a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

QUIET = 2
"""Light modules around the code: scanners need no more on a screen."""
HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Characters for an upper and a lower module, each dark or not: light ones are drawn, as terminals
are dark."""
DARK_ROW = "\x1b[97;40m{}\x1b[0m"
"""A row in white on black, whatever the colors of the terminal are."""

Matrix = Sequence[Sequence[bool]]


class Drawing(NamedTuple):
    """A code for a page: an SVG path, and the width of the square that it fills."""

    path: str
    size: int


def matrix_of(text: str) -> Matrix | None:
    """Return the dark modules of a code with its border; None if the library is missing."""
    try:
        import segno
    except ImportError:
        return None
    code = segno.make(text, error="l", micro=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]


def rows(matrix: Matrix) -> list[str]:
    """Return the code as rows of text, two modules high."""
    light = [False] * len(matrix[0])
    pairs = zip_longest(matrix[::2], matrix[1::2], fillvalue=light)
    return ["".join(HALVES[module] for module in zip(*pair, strict=True)) for pair in pairs]


def is_row(text: str) -> bool:
    """Return whether a text is a row of a code, and not something to read."""
    return len(text) > 2 * QUIET and set(text) <= set(HALVES.values())


def drawing(matrix: Matrix) -> Drawing:
    """Return the code as a path of runs of dark modules."""
    runs = []
    for y, row in enumerate(matrix):
        begin = None
        for x, dark in enumerate([*row, False]):
            if dark and begin is None:
                begin = x
            elif not dark and begin is not None:
                runs.append(f"M{begin} {y}h{x - begin}v1h-{x - begin}z")
                begin = None
    return Drawing("".join(runs), len(matrix))
