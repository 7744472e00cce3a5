"""Names of pitches in a key: letter, accidental and octave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stream.music.scale import OCTAVE, signature

LETTERS: Final = "FCGDAEB"
"""Letters in the order of fifths."""
NATURAL: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones above C."""
FIRST_FIFTH: Final = -1
"""Fifths from C to the first letter."""
FLATTEST: Final = -3
"""Fifths from the tonic of a major key to the flattest name that is used in it."""
FIFTH: Final = 7
MIDDLE_OCTAVE: Final = 4
MIDDLE_C: Final = 60


@dataclass(frozen=True, slots=True)
class Spelled:
    """A pitch by name."""

    letter: str
    alter: int
    """Semitones of its accidental: 1 for a sharp, -1 for a flat."""
    octave: int
    """Number of its octave; middle C begins octave 4."""


def sharps_of(key: str) -> tuple[int, bool]:
    """Return the sharps of a key, flats below 0, and True for minor; (0, False) if unknown."""
    return signature(key) or (0, False)


def spelled(pitch: int, sharps: int) -> Spelled:
    """Return the name of a pitch in a key with so many sharps; flats are below 0.

    From minor third to augmented fifth: in C the black keys are E flat, B flat and sharps.
    """
    flattest = sharps + FLATTEST
    fifth = flattest + (pitch * FIFTH - flattest) % OCTAVE
    alter, place = divmod(fifth - FIRST_FIFTH, len(LETTERS))
    letter = LETTERS[place]
    octave = (pitch - alter - NATURAL[letter] - MIDDLE_C) // OCTAVE + MIDDLE_OCTAVE
    return Spelled(letter, alter, octave)


def altered(letter: str, sharps: int) -> int:
    """Return the semitones by which the signature of so many sharps alters a letter."""
    place = LETTERS.index(letter)
    return (sharps - place + len(LETTERS) - 1) // len(LETTERS)
