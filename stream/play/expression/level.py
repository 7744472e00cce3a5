"""Rules for the level of notes in decibels: phrase arch, high loud, duration contrast, meter.

The parameters are those of Director Musices; those of the metrical accent are our own, because the
rule system has none: composed velocities know the meter already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.music.note import TICKS_PER_BEAT
from stream.play.expression.timing import TURN, contrast

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.music.note import Note
    from stream.play.expression.passage import Passage

    Level = Callable[[Note], float]
    """Maps a note to its change in decibels."""

ARCH_START_DB, ARCH_END_DB = -1.0, -2.0
"""Level of the phrase arch at the start and at the end of a phrase; 0 at the turning point."""
SEMITONES_PER_DB: Final = 4.0
"""Semitones above the mean pitch of its part that make a note louder by a decibel."""
CONTRAST_DB: Final = 0.075
BAR_DB, BEAT_DB, BETWEEN_DB = 0.6, 0.2, -0.3
"""Metrical accent at the first beat of a bar, at another beat, and between two beats."""
DB_PER_DECADE: Final = 40.0
"""Decibels from a velocity to ten times that velocity in General MIDI: 40 log (velocity / 127)."""


def phrase_arch(passage: Passage) -> Level:
    """Return the phrase arch: soft, louder up to the turning point, softer to the end."""
    length = passage.source.length

    def level(note: Note) -> float:
        at = note.onset / length
        if at < TURN:
            return ARCH_START_DB * (1 - at / TURN) ** 2
        return ARCH_END_DB * ((at - TURN) / (1 - TURN)) ** 2

    return level


def high_loud(passage: Passage) -> Level:
    """Return high loud: a note is louder the higher it is above the mean pitch of its part."""
    pitches: dict[int, list[int]] = {}
    for note in passage.source.notes:
        pitches.setdefault(note.channel, []).append(note.pitch)
    means = {channel: sum(found) / len(found) for channel, found in pitches.items()}
    return lambda note: (note.pitch - means[note.channel]) / SEMITONES_PER_DB


def duration_contrast(passage: Passage) -> Level:
    """Return the duration contrast: short notes are softer."""
    return lambda note: CONTRAST_DB * contrast(passage.milliseconds(note.duration))


def metrical_accent(passage: Passage) -> Level:
    """Return the metrical accent: beats are louder than what lies between, first beats most."""
    head, bar = passage.head, passage.source.bar

    def level(note: Note) -> float:
        at = (note.onset - head) % bar
        if not at:
            return BAR_DB
        return BEAT_DB if at % TICKS_PER_BEAT == 0 else BETWEEN_DB

    return level


def louder(velocity: int, decibels: float) -> int:
    """Return the velocity that sounds louder by `decibels`, from 1 to 127."""
    return min(max(round(velocity * 10 ** (decibels / DB_PER_DECADE)), 1), 127)
