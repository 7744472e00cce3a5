"""Four bars of drums by somebody, with the description that a companion gets."""

from __future__ import annotations

from dataclasses import dataclass

from stream.music.note import Note

PHRASE = 4 * 192
"""Ticks of four bars in 4/4."""


@dataclass(frozen=True, slots=True)
class Four:
    """Four bars by somebody."""

    notes: tuple[Note, ...]
    group: int
    """Number of the performance that it is of, or that its description was taken from."""
    style: str
    bpm: float
    energy: float
