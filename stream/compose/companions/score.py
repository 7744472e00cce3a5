"""The score of a phrase as a companion hears it: all other parts, whole, and what was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stream.music.note import Note

Notes = tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One phrase with its past. Onsets are ticks from the start of the phrase, negative before."""

    parts: Mapping[str, Notes]
    """Notes of each part by role, those of the past included, by onset. Chords are the notes of the
    part `harmony`, as `polyphony.voicing` voices them."""
    length: int
    """Ticks of the phrase. It ends at a bar line, and bar lines are counted from its end."""
    bar: int
    """Ticks in a bar."""
    beat: int
    """Ticks in a beat: 48, or 72 in compound meters."""
    past: int = 0
    """Ticks of the tune before the phrase; what lies before them belongs to another tune."""
    phrase_lengths: tuple[int, ...] = ()
    """Ticks of each earlier phrase of the tune, the first one first; their sum is `past`, unless a
    part of this phrase has been played already."""
    closing: bool = False
    """True for the last phrase of its tune."""
    energy: float = 0.5
    """Energy of the phrase, from 0 to 1."""
    bpm: float = 120.0
    style: str = ""
    """Style that the ensemble asks of the companion; empty: any."""
    tune_style: str = ""
    """Style of the tune, such as `folk`."""
    low: int = 0
    """Lowest pitch of the instrument."""
    high: int = 127
    """Highest pitch of the instrument."""

    def notes(self, role: str) -> Notes:
        """Return the notes of a part; empty if it does not play."""
        return self.parts.get(role, ())
