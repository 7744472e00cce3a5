"""A tune as read (`Tune`) and as the models see it (`Melody`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.music.note import Note


@dataclass(frozen=True, slots=True)
class Tune:
    """One melody as a reader found it; times in ticks, 48 to the quarter note."""

    notes: tuple[Note, ...]
    """In order of onset, none overlapping the next."""
    title: str
    style: str
    group: int
    """Variants of one tune share a group; a group never crosses a split."""
    bar: int = 0
    """Ticks in a bar; 0: unknown."""
    downbeat: int = 0
    """Tick of the first bar line (the end of the pickup)."""
    mode: str = ""
    """`major`, `minor` or empty."""
    split: str = ""
    """`train`, `valid` or `test` where the corpus prescribes it."""


@dataclass(frozen=True, slots=True)
class Melody:
    """One normalised melody."""

    tokens: NDArray[np.uint8]
    """[events, 3]: pitch class, octave, duration class."""
    title: str
    style: str
    group: int
    unit: int
    """Ticks of the median duration."""
    bar: int
    """Units in a bar; 0: unknown or no whole number."""
    mode: str
    split: str
