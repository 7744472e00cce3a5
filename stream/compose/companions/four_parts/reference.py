"""The frame of reference: the key signature of a melody, and the octave in which it lies.

All pitches that a four-part companion hears and composes are distances from it, so that it learns
and plays the same in every key.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import TICKS_PER_BEAT
from stream.music.part import LEAD
from stream.music.scale import OCTAVE

PROFILE: Final = np.array(
    (0.206, 0.001, 0.144, 0.001, 0.194, 0.070, 0.006, 0.190, 0.002, 0.114, 0.001, 0.071)
)
"""Shares of the pitch classes, from the tonic of the major key of the signature, by duration, in
the sopranos of the Open Hymnal (in every signature, minor keys among them)."""
FLOOR: Final = 0.002
"""Share added to each, so that no single note rules a signature out."""
SIGNATURES: Final = np.stack([np.roll(np.log(PROFILE + FLOOR), key) for key in range(OCTAVE)])
"""Logarithms of the shares, from C, in each signature [12, 12]."""
LONGEST: Final = 2 * TICKS_PER_BEAT
"""Ticks that count at most of one note: a final note should not outweigh a scale."""
REACH: Final = 3072
"""Ticks of the past that are heard: 16 bars of 4/4."""
BELOW: Final = 5
"""Semitones from the mean pitch of a soprano down to the middle of the tonics that may be the
reference."""
MIDDLE: Final = 67


def heard(score: Score) -> Notes:
    """Return the notes of the lead that count: those of the phrase and of the near past."""
    return tuple(note for note in score.notes(LEAD) if note.onset >= -min(score.past, REACH))


def weights(notes: Notes) -> NDArray[np.float64]:
    """Return the share of each pitch class [12], by duration; all equal without notes."""
    found = np.full(OCTAVE, 1e-6)
    for note in notes:
        found[note.pitch % OCTAVE] += min(note.duration, LONGEST)
    return np.asarray(found / found.sum())


def signature(notes: Notes) -> int:
    """Return the pitch class of the major tonic of the likeliest key signature.

    The likelihood is that of the pitch classes, each by its duration, under `PROFILE`.
    """
    return int(np.argmax(SIGNATURES @ weights(notes)))


def reference(score: Score) -> int:
    """Return the MIDI number that counts as 0: the major tonic a little below the mean pitch."""
    notes = heard(score)
    if not notes:
        return MIDDLE - BELOW - (MIDDLE - BELOW) % OCTAVE
    long = [min(note.duration, LONGEST) for note in notes]
    mean = float(np.average([note.pitch for note in notes], weights=long))
    key = signature(notes)
    return key + OCTAVE * round((mean - BELOW - key) / OCTAVE)


def relative(pitch: Ints, zero: int) -> Ints:
    """Return pitch classes from the reference, 0 to 11, and 12 for a rest."""
    return np.where(pitch > 0, (pitch - zero) % OCTAVE, OCTAVE)


def within(distance: Ints, low: int, high: int) -> Ints:
    """Return distances moved by octaves into a range of an octave or more."""
    distance = np.where(distance > high, high - (high - distance) % OCTAVE, distance)
    return np.where(distance < low, low + (distance - low) % OCTAVE, distance)
