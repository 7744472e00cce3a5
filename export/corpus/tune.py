"""A tune as a reader returns it (`Tune`) and as the models read it (`Melody`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.music.note import Note


@dataclass(frozen=True, slots=True)
class Tune:
    """A melody as a reader returns it; times in ticks, 48 to the quarter note."""

    notes: tuple[Note, ...]
    """Notes in order of onset, none overlapping the next."""
    title: str
    style: str
    group: int
    """Number that variants of one tune share; a group is never in two splits."""
    bar: int = 0
    """Ticks in a bar; 0 if unknown."""
    downbeat: int = 0
    """Tick of the first bar line (the end of the pickup)."""
    mode: str = ""
    """`major`, `minor` or empty."""
    split: str = ""
    """`train`, `valid` or `test` if the corpus prescribes it, else empty."""


@dataclass(frozen=True, slots=True)
class Melody:
    """A normalized melody."""

    tokens: NDArray[np.uint8]
    """Pitch class, octave and duration class of each event [events, 3]."""
    title: str
    style: str
    group: int
    unit: int
    """Ticks of the median duration."""
    bar: int
    """Units in a bar; 0 if unknown or not a whole number."""
    mode: str
    split: str
