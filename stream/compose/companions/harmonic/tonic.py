"""The tonic and the mode of a melody, from what is known of it.

The estimate correlates the time of each pitch class with profiles of keys, as Krumhansl (1990, ch.
4) does; the profiles are the mean of two of Temperley's (2001 and 2007). The last note of a tune
speaks for the keys whose tonic it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.score import Score
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import LEAD
from stream.music.scale import OCTAVE

RATED: Final = (
    (5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4),
    (5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4),
)
"""Weight of each pitch class above the tonic, major and minor (Temperley 2001, p. 180)."""
COUNTED: Final = (
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)
"""The same counted in the Kostka-Payne corpus (Temperley 2007, p. 85)."""
LONGEST: Final = 2 * TICKS_PER_BEAT
"""Ticks from which a note counts no more, however long it is held."""
LAST: Final = 0.2
"""Correlation that the last note of a tune adds to the keys whose tonic it is."""


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic and a mode."""

    tonic: int
    """Pitch class."""
    minor: bool = False


def _standard(values: Iterable[float]) -> NDArray[np.float64]:
    array = np.array(list(values), np.float64)
    centered: NDArray[np.float64] = array - array.mean()
    found: NDArray[np.float64] = centered / np.sqrt((centered**2).sum())
    return found


PROFILES: Final = np.array(
    [
        np.roll(_standard(_standard(RATED[mode]) + _standard(COUNTED[mode])), tonic)
        for mode in range(2)
        for tonic in range(OCTAVE)
    ]
)
"""Standardized profile of each key [24, 12], the major keys first."""


def key_of(score: Score) -> Key:
    """Return the key of the lead in a phrase and in the tune before it; C major in silence."""
    known = [n for n in score.notes(LEAD) if -score.past <= n.onset < score.length]
    return key_of_notes(known, closing=score.closing)


def key_of_notes(notes: Sequence[Note], *, closing: bool) -> Key:
    """Return the key of notes in order; `closing` if the last one ends a tune."""
    if not notes:
        return Key(0)
    time = np.zeros(OCTAVE)
    for note in notes:
        time[note.pitch % OCTAVE] += min(note.duration, LONGEST)
    fit = PROFILES @ _standard(time) if np.ptp(time) else np.zeros(2 * OCTAVE)
    if closing or not fit.any():
        last = notes[-1].pitch % OCTAVE
        fit[[last, OCTAVE + last]] += LAST
    best = int(fit.argmax())
    return Key(best % OCTAVE, best >= OCTAVE)
