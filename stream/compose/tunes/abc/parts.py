"""The order of parts: `P:A2(BC)3` in the header calls the parts that P fields in the music begin.

Repeats are expanded within each part. Music above the first part is played first. Without an order,
or with an unknown part in it, the music is played as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stream.compose.tunes.abc.repeats import unfold
from stream.compose.tunes.abc.tokens import Bar
from stream.compose.tunes.abc.voice import Element, Event, Part
from stream.errors import CorpusError

ORDER = re.compile(r"[A-Z]|\(|\)|\d+")
MOST = 200
"""Largest number of parts in one tune."""
LONGEST = 1000
"""Largest number of characters of an order."""


def in_order(written: Sequence[Element], order: str) -> list[Event | Bar]:
    """Return events and bar lines as they are played. Raises `CorpusError` for too many."""
    parts = _parts(written)
    called = _called(order)
    if not called or not set(called) <= parts.keys():
        return unfold([element for element in written if not isinstance(element, Part)])
    played = {name: unfold(part) for name, part in parts.items()}
    return [element for name in ["", *called] for element in played[name]]


def _parts(written: Iterable[Element]) -> dict[str, list[Event | Bar]]:
    """Return the music of each part; that above the first part has an empty name."""
    parts: dict[str, list[Event | Bar]] = {"": []}
    current = parts[""]
    for element in written:
        if isinstance(element, Part):
            current = parts.setdefault(element.name, [])
        else:
            current.append(element)
    return parts


def _called(order: str) -> list[str]:
    """Return the names in their order: a number repeats the name or the bracket before it."""
    if len(order) > LONGEST:
        raise CorpusError(f"P:{order[:20]} is longer than {LONGEST} characters")
    open_brackets: list[list[str]] = [[]]
    last: list[str] = []
    for sign in ORDER.findall(order):
        names = open_brackets[-1]
        if sign == "(":
            open_brackets.append([])
            last = []
        elif sign == ")" and len(open_brackets) > 1:
            last = open_brackets.pop()
            open_brackets[-1] += last
        elif sign.isdecimal():
            names += last * (min(int(sign[:4]), MOST) - 1)
        elif sign != ")":
            last = [sign]
            names.append(sign)
        if sum(map(len, open_brackets)) > MOST:
            raise CorpusError(f"P:{order[:20]} calls more than {MOST} parts")
    return [name for names in open_brackets for name in names]
