"""The chain of a style's intervals: the bits of each interval after the two before it.

A voice stores it in each style that has outlines, as a byte for each entry, in eighths of a bit.
It is a second opinion on a bar: a network that is sampled freely puts together turns that no tune
of its corpus has, though each of their notes is likely.
"""

from __future__ import annotations

import base64
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.step import Ints

WIDEST: Final = 12
"""Widest interval in semitones; wider ones count as this."""
CLASSES: Final = 2 * WIDEST + 1
EIGHTHS: Final = 8
"""Units of the table in a bit."""

Table = NDArray[np.uint8]
"""Eighths of a bit of the third interval [CLASSES, CLASSES, CLASSES]."""


def classes(pitches: Ints) -> Ints:
    """Return the class of the interval to each pitch but the first [n - 1]."""
    return np.asarray(np.clip(np.diff(pitches), -WIDEST, WIDEST) + WIDEST)


def bits(table: Table, pitches: Ints) -> NDArray[np.float64]:
    """Return the bits of each interval that has two before it: those to the fourth note and on."""
    found = classes(pitches)
    if len(found) < table.ndim:
        return np.zeros(0)
    return np.asarray(table[found[:-2], found[1:-1], found[2:]] / EIGHTHS)


def packed(table: Table) -> str:
    """Return a table as text, as `StyleSpec.intervals` stores it."""
    return base64.b64encode(table.tobytes()).decode()


def unpacked(text: str) -> Table:
    """Return the table in a text: the inverse of `packed`. Raises `ValueError` for another size."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(CLASSES, CLASSES, CLASSES)
