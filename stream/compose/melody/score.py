"""The bits that a voice of melodies needs for given music; nothing is sampled.

The tune is normalized as in training (median pitch in MIDI 60-71, durations as multiples of the
median) and scored causally, once for each style: the latent point is the style's center.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low

import numpy as np

from stream.compose.forcing import bits
from stream.compose.melody import vocabulary
from stream.compose.step import Point, Step
from stream.errors import CorpusError
from stream.music.note import Note


def score(step: Step, notes: Sequence[Note]) -> dict[str, float]:
    """Return bits per event (note or rest) by style. Raises `CorpusError` without an event."""
    events = normalized(notes)
    if not events:
        raise CorpusError("score: no notes found; give files with at least one melody")
    names = sorted(step.spec.styles)
    found = bits(step, np.array(events, np.int64), _centers(step, names))
    return dict(zip(names, found.tolist(), strict=True))


def normalized(notes: Sequence[Note]) -> list[vocabulary.Token]:
    """Return the tokens of a melody, moved to the octave and the unit of the training data."""
    if not notes:
        return []
    shift = 12 * (5 - median_low(n.pitch for n in notes) // 12)
    first = notes[0].onset
    moved = [note.moved(-first).transposed(shift) for note in notes]
    return vocabulary.encode(moved, max(median_low(n.duration for n in notes), 1))


def _centers(step: Step, names: Sequence[str]) -> Point:
    latent = np.array([step.spec.styles[name].mean for name in names], np.float32)
    tags = [[float(tag == f"style:{name}") for tag in step.spec.tags] for name in names]
    return Point(latent.reshape(len(names), -1), np.array(tags, np.float32))
