"""The notes of phrases as the view draws them: each with its times and the role of its part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from stream.music.note import TENTHS, ticks_to_seconds
from stream.music.part import DRUMS

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def pitched(slots: Iterable[Slot]) -> Iterator[DrawnNote]:
    """Yield the notes that have a pitch."""
    return (drawn for drawn in _drawn(slots) if drawn.role != DRUMS)


def drummed(slots: Iterable[Slot]) -> Iterator[DrawnNote]:
    """Yield the notes of drums."""
    return (drawn for drawn in _drawn(slots) if drawn.role == DRUMS)


def has_drums(slots: Iterable[Slot]) -> bool:
    """Return True if drums are a part of any phrase; they may rest."""
    return any(DRUMS in _roles(slot).values() for slot in slots)


def _drawn(slots: Iterable[Slot]) -> Iterator[DrawnNote]:
    for slot in slots:
        roles, bpm = _roles(slot), slot.phrase.bpm
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
