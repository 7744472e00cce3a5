"""A tune as a reader returns it (`Tune`) and as the models read it (`Melody`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline import Outline
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
    tonic: int = -1
    """Pitch class of the tonic; -1 if the corpus does not name it."""
    meter: str = ""
    """Meter as it is written, such as `6/8`; empty if unknown."""
    kind: str = ""
    """Type of the dance, one of `dances.KINDS`; empty if unknown."""
    tempo: float = 0.0
    """Quarter notes a minute; 0 if unknown."""
    unit: int = 0
    """Ticks of the unit of durations; 0 for the median duration."""
    chords: tuple[tuple[int, int], ...] = ()
    """Onset in ticks and class (`stream.compose.polyphony.voicing`) of each chord; empty if the
    corpus has none."""


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
    key: int = 0
    """Semitones from the tokens to the pitches of the corpus."""
    meter: str = ""
    """Meter as it is written; empty if unknown."""
    kind: str = ""
    """Type of the dance; empty if unknown."""
    tempo: float = 0.0
    """Quarter notes a minute; 0 if unknown."""
    chords: tuple[tuple[int, int], ...] = ()
    """Onset in twelfths of a unit and class of each chord, in the key of the tokens."""
    outline: Outline | None = None
    """The form of a tune that is written strain by strain; None for one as it is played."""
