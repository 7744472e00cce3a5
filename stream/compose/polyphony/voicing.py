"""Chord symbols: their classes, their voicings, and the chord that given notes form.

A class is 0 for no chord, else 1 + 12 q + root for the quality number q and the pitch class of the
root. Some chords consist of the same pitch classes (C6 and Am7, and all symmetrical ones): the
lowest note tells them apart. If it is the root of one of them, it is that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from stream.music.scale import OCTAVE

QUALITIES: Final = (
    ("major", (0, 4, 7)),
    ("minor", (0, 3, 7)),
    ("7", (0, 4, 7, 10)),
    ("minor7", (0, 3, 7, 10)),
    ("major7", (0, 4, 7, 11)),
    ("diminished", (0, 3, 6)),
    ("diminished7", (0, 3, 6, 9)),
    ("half-diminished", (0, 3, 6, 10)),
    ("augmented", (0, 4, 8)),
    ("6", (0, 4, 7, 9)),
    ("minor6", (0, 3, 7, 9)),
    ("sus4", (0, 5, 7)),
)
"""Names of the qualities, and semitones above the root."""
NO_CHORD: Final = 0
CLASSES: Final = 1 + OCTAVE * len(QUALITIES)
MOST: Final = max(len(semitones) for _, semitones in QUALITIES)
"""Most notes of a chord."""
LOWEST: Final = 45
HIGHEST: Final = 69
"""MIDI numbers between which chords are voiced."""
MIDDLE: Final = 56
PULL: Final = 0.25
"""Semitones of motion that count as much as one semitone of distance from the middle."""

Pitches = tuple[int, ...]


@cache
def pitch_classes(chord: int) -> Pitches:
    """Return the pitch classes of a chord, from its root up; empty for no chord."""
    if chord == NO_CHORD:
        return ()
    quality, root = divmod(chord - 1, OCTAVE)
    return tuple((root + semitones) % OCTAVE for semitones in QUALITIES[quality][1])


def transposed(chord: int, semitones: int) -> int:
    """Return the class of a chord `semitones` higher; no chord stays none."""
    if chord == NO_CHORD:
        return NO_CHORD
    quality, root = divmod(chord - 1, OCTAVE)
    return 1 + OCTAVE * quality + (root + semitones) % OCTAVE


@cache
def voicings(chord: int) -> tuple[Pitches, ...]:
    """Return the voicings of a chord in close position, each from its lowest note up."""
    classes = pitch_classes(chord)
    found = []
    for lowest in range(LOWEST, HIGHEST):
        if lowest % OCTAVE in classes:
            pitches = tuple(sorted(lowest + (c - lowest) % OCTAVE for c in classes))
            if pitches[-1] <= HIGHEST and named(pitches) == chord:
                found.append(pitches)
    return tuple(found)


@lru_cache(4096)
def voiced(chord: int, before: Pitches) -> Pitches:
    """Return the voicing nearest to the chord before, and to the middle."""
    if chord == NO_CHORD:
        return ()
    return min(voicings(chord), key=lambda pitches: (_motion(before, pitches), pitches))


def _motion(before: Pitches, after: Pitches) -> float:
    """Return the semitones of motion, plus a share of the distance from the middle."""
    far = PULL * abs(sum(after) / len(after) - MIDDLE)
    if not before:
        return far
    return far + sum(min(abs(one - other) for other in before) for one in after)


def named(pitches: Iterable[int]) -> int:
    """Return the class of a chord by its notes; the nearest one if it is not in the table."""
    ordered = sorted(pitches)
    if not ordered:
        return NO_CHORD
    return nearest(frozenset(pitch % OCTAVE for pitch in ordered), ordered[0] % OCTAVE)


@lru_cache(1024)
def nearest(classes: frozenset[int], bass: int) -> int:
    """Return the chord that shares most and adds least; of several the one with `bass` as root."""
    mask = _mask(classes)
    return max(
        range(1, CLASSES),
        key=lambda chord: (_similarity(chord, mask), pitch_classes(chord)[0] == bass, -chord),
    )


def _similarity(chord: int, mask: int) -> int:
    chord_mask = _chord_mask(chord)
    return 2 * (chord_mask & mask).bit_count() - chord_mask.bit_count()


@cache
def _chord_mask(chord: int) -> int:
    return _mask(pitch_classes(chord))


def _mask(classes: Iterable[int]) -> int:
    """Return a set of pitch classes as a number, bit c for pitch class c."""
    return sum(1 << c for c in classes)
