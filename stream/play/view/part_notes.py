"""The notes of phrases as the view draws them: each with its times and the role of its part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stream.music.note import TENTHS, ticks_to_seconds
from stream.music.part import DRUMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stream.music.note import Note
    from stream.play.observer import Slot

DRUM_LANES: tuple[tuple[str, frozenset[int]], ...] = (
    ("crash", frozenset({49, 52, 55, 57})),
    ("ride", frozenset({51, 53, 59})),
    ("hat", frozenset({42, 44, 46, 54, 69, 70, 82})),
    ("tom", frozenset()),
    ("snare", frozenset({37, 38, 39, 40})),
    ("kick", frozenset({35, 36})),
)
"""Drums from top to bottom, and their pitches in General MIDI; the toms are all other pitches."""
TOMS = 3
"""Index of the toms in `DRUM_LANES`."""


class DrawnNote(NamedTuple):
    """A note, its times in seconds (monotonic), and its role, which colors it."""

    note: Note
    start: float
    end: float
    role: str
    """Role of the part; empty for one that plays alone: its pitches give its colors."""

    @property
    def lane(self) -> int:
        """Index of a drum in `DRUM_LANES`."""
        pitch = self.note.pitch
        return next((at for at, (_, drums) in enumerate(DRUM_LANES) if pitch in drums), TOMS)


@dataclass(frozen=True, slots=True)
class SlotNotes:
    """The notes of one slot, as they are drawn."""

    pitched: tuple[DrawnNote, ...]
    """Notes that have a pitch."""
    drummed: tuple[DrawnNote, ...]
    """Notes of drums."""
    has_drums: bool
    """True if drums are a part of the phrase; they may rest."""
    low: int
    """Lowest pitch; 127 without notes."""
    high: int
    """Highest pitch; 0 without notes."""

    @classmethod
    def of(cls, slot: Slot) -> SlotNotes:
        """Return the notes of a slot."""
        roles = _roles(slot)
        drawn = [*_drawn(slot, roles)]
        pitched = tuple(note for note in drawn if note.role != DRUMS)
        drummed = tuple(note for note in drawn if note.role == DRUMS)
        pitches = [drawn.note.pitch for drawn in pitched]
        bounds = min(pitches, default=127), max(pitches, default=0)
        return cls(pitched, drummed, DRUMS in roles.values(), *bounds)


class NoteCache:
    """Keeps the notes of slots from one frame to the next."""

    def __init__(self) -> None:
        self._known: list[tuple[Slot, SlotNotes]] = []

    def notes(self, slots: Sequence[Slot]) -> list[SlotNotes]:
        """Return the notes of each slot, and forget those of all others."""
        # Slots are compared by identity: to compare them by value takes longer than to draw them.
        known = {id(slot): notes for slot, notes in self._known}
        found = [known.get(id(slot)) or SlotNotes.of(slot) for slot in slots]
        self._known = [*zip(slots, found, strict=True)]
        return found


def _drawn(slot: Slot, roles: Mapping[int, str]) -> Iterator[DrawnNote]:
    bpm = slot.phrase.bpm
    for note in slot.phrase.notes:
        start, end = (
            slot.start + ticks_to_seconds(tenths / TENTHS, bpm)
            for tenths in (note.played_onset, note.played_end)
        )
        yield DrawnNote(note, start, end, roles.get(note.channel, ""))


def _roles(slot: Slot) -> Mapping[int, str]:
    """Return the role of each channel (0-15); empty for a part that plays alone."""
    parts = slot.ensemble.parts.values() if slot.ensemble else ()
    return {part.channel - 1: part.role for part in parts} if len(parts) > 1 else {}
