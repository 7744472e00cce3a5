"""Arrangements: whole pieces in parts, with chords, as companions for the band learn from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from export.corpus.melody_npz import FAULTS
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note

Notes = tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A piece or a section of one, in one meter. Onsets are ticks of 1/48 quarter note."""

    title: str
    group: int
    """Number that all variants of a piece share."""
    parts: Mapping[str, Notes]
    """Notes of each part by role, by onset; the part `harmony` holds the chords."""
    length: int
    """Ticks; the end is a bar line."""
    bar: int
    beat: int
    bpm: float = 120.0
    """Quarter notes a minute."""


def arrays_of(path: Path, *needed: str) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of an archive.

    Raises `CorpusError` if it cannot be read or lacks one of the arrays that are needed.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable .npz archive ({error})") from error
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise CorpusError(f"{path}: has no array {missing[0]}; give the archive of the README")
    return arrays


def beat_of(numerator: int, denominator: int) -> tuple[int, int]:
    """Return the ticks of a bar and of a beat of a meter."""
    unit = 4 * TICKS_PER_BEAT // denominator
    compound = denominator >= 8 and numerator % 3 == 0
    return numerator * unit, 3 * unit if compound else max(unit, TICKS_PER_BEAT // 2)
