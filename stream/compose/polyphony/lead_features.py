"""The features of a lead sheet: its melody, and how well that fits its chords."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stream.compose.polyphony.features import ENTROPIES, entropy, in_order
from stream.compose.polyphony.frames import Flags, Ints
from stream.compose.polyphony.voicing import CLASSES, pitch_classes
from stream.music.scale import OCTAVE

MEASURES = (
    *ENTROPIES, "pitch_entropy", "activity", "rests", "leaps", "chord_changes", "no_chord",
    "outside_chord", "outside_key",
)  # fmt: skip
"""Names of the features: beside entropies of the chords, of their changes and of the melody's pitch
classes, in bits: shares of the frames in which the melody strikes a note, has none, in which the
chord changes, without a chord; the mean semitones from note to note; shares of the melody's
time in which it is outside the chord, and outside the major scale that fits it best."""
SCALE = (0, 2, 4, 5, 7, 9, 11)


def _sets(sets: Iterable[Iterable[int]]) -> Flags:
    """Return True [n, 12] for the pitch classes in each set."""
    return np.array([np.isin(np.arange(OCTAVE), list(one)) for one in sets])


NOTES = _sets(map(pitch_classes, range(CLASSES)))
"""Pitch classes of each class of chords [145, 12]."""
SCALES = _sets([(tonic + degree) % OCTAVE for degree in SCALE] for tonic in range(OCTAVE))
"""Pitch classes of each major scale [12, 12]."""


def of_lead_sheet(melody: Ints, struck: Ints, chords: Ints) -> dict[str, float]:
    """Return `MEASURES` of a melody [T] of MIDI numbers, 0 for none.

    `struck` [n] are the pitches of its notes, `chords` [T] the classes of chords.
    """
    sounds = melody > 0
    time = max(int(sounds.sum()), 1)
    changes = np.flatnonzero(np.diff(chords, prepend=-1))
    spans = chords[changes]
    pitch = melody[sounds] % OCTAVE
    with_chord = sounds & (chords > 0)
    outside = ~NOTES[chords[with_chord], melody[with_chord] % OCTAVE]
    in_key = SCALES[:, pitch].sum(1).max()
    found = {
        "chord_change_entropy": entropy(spans[:-1] * CLASSES + spans[1:]),
        "chord_entropy": entropy(spans),
        "pitch_entropy": entropy(struck % OCTAVE),
        "activity": len(struck) / len(melody),
        "rests": 1 - sounds.mean(),
        "leaps": np.abs(np.diff(struck)).mean() if len(struck) > 1 else 0.0,
        "chord_changes": (len(changes) - 1) / len(melody),
        "no_chord": (chords == 0).mean(),
        "outside_chord": outside.sum() / max(int(with_chord.sum()), 1),
        "outside_key": 1 - in_key / time if len(pitch) else 0.0,
    }
    return in_order(found, MEASURES)
