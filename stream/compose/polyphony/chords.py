"""Chords: the sets of pitch classes that follow each other, whatever sounds them.

A chord lasts until another set of pitch classes sounds; silence is not a chord. A chord is stored
as a whole number, bit c for pitch class c, and its *bass* is the pitch class of the lowest note
when it begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.entropy import NoteSeries
from stream.compose.polyphony.frames import Ints
from stream.music.scale import OCTAVE

SETS = 2**OCTAVE
LONGEST = 63
"""Frames up to which lengths of chords are distinguished: `note_runs.keys` has no room for more."""


@dataclass(frozen=True, slots=True)
class Chords:
    """The chords of some frames in order; no two neighbors are the same."""

    sets: Ints
    """Sets of pitch classes [n]."""
    bass: Ints
    """Pitch class of the bass [n]."""
    length: Ints
    """Frames in which each chord sounds [n]."""


def chords(pitches: Ints) -> Chords:
    """Return the chords of frames [T, M] of MIDI numbers, 0 for none."""
    sounds = pitches > 0
    bits = np.where(sounds, 1 << (pitches % OCTAVE), 0)
    sets = np.bitwise_or.reduce(bits, axis=1)
    lowest = np.where(sounds, pitches, np.iinfo(np.int64).max).min(1)
    frames = np.flatnonzero(sets)
    sets, lowest = sets[frames], lowest[frames]
    first = np.flatnonzero(np.diff(sets, prepend=0))
    length = np.diff(first, append=len(sets))
    return Chords(sets[first], lowest[first] % OCTAVE, length)


def changes(found: Chords) -> NoteSeries:
    """Return the changes of chords as notes of a melody, for the filters of `novelty`.

    A change is the new chord and its bass relative to the bass before, so that it is the same in
    every key. The differences between the pitches of this melody encode it, and the lengths are
    those of the chords in frames.
    """
    before = np.concatenate([found.bass[:1], found.bass[:-1]])
    relative_sets = ((found.sets << (OCTAVE - before)) | (found.sets >> before)) % SETS
    step = (found.bass - before) % OCTAVE
    return np.cumsum(relative_sets * OCTAVE + step), np.minimum(found.length, LONGEST)


def transitions(found: Chords) -> NDArray[np.int64]:
    """Return a number [n - 1] for each pair of neighbors."""
    return np.asarray(found.sets[:-1] * SETS + found.sets[1:])
