"""Chords of polyphonic music: the most likely sequence of chords, one a beat at most.

A beat's pitch classes, weighted by the time they sound, are compared with each chord; the lowest
note speaks for its root. A chord that changes costs; the Viterbi algorithm finds the best sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from stream.compose.polyphony.voicing import CLASSES, NO_CHORD, pitch_classes, voiced
from stream.music.note import Note
from stream.music.scale import OCTAVE

OUTSIDE: Final = 1.0
"""Cost of a share of time outside the chord."""
ROOT: Final = 0.25
"""Gain if the lowest note is the root."""
EMPTY: Final = 0.12
"""Cost of a chord tone that does not sound."""
CHANGE: Final = 0.6
"""Cost of a change at a beat."""
AT_BAR: Final = 0.25
"""Cost of a change at a bar line."""
RARE: Final = (0.0, 0.0, 0.06, 0.1, 0.14, 0.1, 0.1, 0.14, 0.16, 0.2, 0.2, 0.2)
"""Cost of each quality of `voicing.QUALITIES`."""

Array = np.ndarray[Any, Any]


def chord_notes(
    notes: Sequence[Note], begin: int, end: int, meter: tuple[int, int]
) -> tuple[Note, ...]:
    """Return the chords from `begin`, a bar line, to `end` as voiced notes.

    `meter` are the ticks of a bar and of a beat.
    """
    bar, beat = meter
    chords = best_chords(*_weights(notes, begin, end, beat), bar // beat)
    found: list[Note] = []
    before: tuple[int, ...] = ()
    turns = [0, *(np.flatnonzero(np.diff(chords)) + 1).tolist(), len(chords)]
    for a, b in pairwise(turns):
        if a < b and chords[a] != NO_CHORD:
            before = voiced(int(chords[a]), before)
            onset, stop = begin + a * beat, min(begin + b * beat, end)
            found += [Note(onset, stop - onset, pitch, 70, 4) for pitch in before]
    return tuple(found)


def best_chords(weights: Array, lowest: Array, per_bar: int) -> Array:
    """Return the class of the chord of each beat [B]; beats of silence keep the one before.

    `weights` [B, 12] are ticks of each pitch class, `lowest` [B] pitch classes, -1 for none.
    """
    total = weights.sum(1, keepdims=True)
    shares = weights / np.maximum(total, 1e-9)
    gains = shares @ TEMPLATES.T - _missing(shares)
    gains += ROOT * (lowest[:, None] == ROOTS) - np.repeat(RARE, OCTAVE)
    gains[total[:, 0] == 0] = 0.0
    best, back = gains[:1].copy()[0] if len(gains) else np.zeros(CLASSES - 1), []
    for number, gain in enumerate(gains[1:], 1):
        top = int(best.argmax())
        change = best[top] - (AT_BAR if number % per_bar == 0 else CHANGE)
        back.append(np.where(best >= change, np.arange(CLASSES - 1), top))
        best = np.maximum(best, change) + gain
    path = [int(best.argmax())] if len(gains) else []
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    chords = 1 + np.array(path[::-1], np.int64)
    return chords if total.any() else np.zeros(len(weights), np.int64)


def _missing(shares: Array) -> Array:
    """Return the cost of chord tones that do not sound [B, classes]."""
    inside = TEMPLATES > 0
    return np.asarray(EMPTY * (shares < 0.02) @ inside.T.astype(float))


def _weights(notes: Sequence[Note], begin: int, end: int, beat: int) -> tuple[Array, Array]:
    count = -(-(end - begin) // beat)
    weights, lowest = np.zeros((count, OCTAVE)), np.full(count, 999)
    for note in notes:
        first = max(note.onset - begin, 0) // beat
        for i in range(first, min(-(-(note.end - begin) // beat), count)):
            at = begin + i * beat
            weights[i, note.pitch % OCTAVE] += max(
                min(note.end, at + beat) - max(note.onset, at), 0
            )
            lowest[i] = min(lowest[i], note.pitch)
    return weights, np.where(lowest == 999, -1, lowest % OCTAVE)


def _templates() -> Array:
    rows = np.full((CLASSES - 1, OCTAVE), -OUTSIDE)
    for chord in range(1, CLASSES):
        rows[chord - 1, list(pitch_classes(chord))] = 1.0
    return rows


TEMPLATES: Final = _templates()
ROOTS: Final = np.arange(CLASSES - 1) % OCTAVE
