"""Chord classes of the runtime, `stream.compose.polyphony.voicing`, in other keys."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from stream.compose.polyphony.voicing import CLASSES
from stream.music.scale import OCTAVE


@cache
def chord_classes(semitones: int) -> NDArray[np.int64]:
    """Return the class of each chord in another key [CLASSES]; no chord stays none."""
    classes = np.arange(1, CLASSES).reshape(-1, OCTAVE)
    return np.concatenate([[0], np.roll(classes, -semitones, 1).ravel()])
