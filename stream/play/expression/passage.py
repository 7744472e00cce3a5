"""A composed phrase as the rules of expression see it: its melody, its beats, its tempo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream.music.note import TENTHS, TICKS_PER_BEAT
from stream.music.part import BASS, COMPANION_PARTS, DRUMS, LEAD_PARTS

if TYPE_CHECKING:
    from stream.music.note import Note, Phrase

MELODY_PART: Final = 0
"""Number of the part that the lead voice composes first: its melody, or the soprano."""
DRUM_PART: Final = COMPANION_PARTS[DRUMS]
KICKS: Final = frozenset({35, 36})
"""Pitches of the bass drum in General MIDI."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A phrase, and the tempo at which it is played."""

    source: Phrase
    bpm: float

    @property
    def head(self) -> int:
        """Ticks before the first bar line: bars are counted back from the end of the phrase."""
        return self.source.length % self.source.bar

    @property
    def melody(self) -> list[Note]:
        """The notes of the lead, one for each onset, in order."""
        return list(
            {note.onset: note for note in self.source.notes if note.channel == MELODY_PART}.values()
        )

    @property
    def drummed(self) -> bool:
        """True if drums play."""
        return any(note.channel == DRUM_PART for note in self.source.notes)

    @property
    def bass_parts(self) -> frozenset[int]:
        """Numbers of the parts that are a bass, composed by the voice or by a companion."""
        own = (part for part, role in enumerate(self.source.roles[:LEAD_PARTS]) if role == BASS)
        return frozenset({COMPANION_PARTS[BASS], *own})

    def milliseconds(self, ticks: float) -> float:
        """Return the length of `ticks` in milliseconds."""
        return ticks * 60_000.0 / (self.bpm * TICKS_PER_BEAT)

    def tenths(self, milliseconds: float) -> float:
        """Return the length of `milliseconds` in tenths of a tick."""
        return milliseconds * self.bpm * TICKS_PER_BEAT * TENTHS / 60_000.0
