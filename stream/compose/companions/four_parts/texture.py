"""Measures of a texture of four parts: what the books of harmony ask of it.

Conventions: `pitches` int64 [T, 4] are MIDI numbers of soprano, alto, tenor and bass in T frames of
a sixteenth, 0 for a rest.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from stream.compose.polyphony.frames import Flags, Ints
from stream.compose.polyphony.voicing import CLASSES, pitch_classes
from stream.music.scale import OCTAVE

PARTS: Final = 4
PERFECT: Final = (0, 7)
"""Semitones, modulo octaves, of the intervals that should not move in parallel."""
SEVENTH: Final = 10
"""Semitones of the smallest leap that should not be; an octave may."""
TRIADS: Final = ((0, 3, 7), (0, 4, 7), (0, 4), (0, 3), (0,))
"""Semitones above the bass of the chords on which a tune may end."""
TONICS: Final = (0, 9)
"""Semitones from the reference to the tonics of major and minor."""
CHORDS: Final = tuple(frozenset(pitch_classes(chord)) for chord in range(1, CLASSES))
"""Pitch classes of all chords."""
TRIAD_SETS: Final = frozenset(chord for chord in CHORDS if len(chord) == PARTS - 1)
SEVENTH_SETS: Final = frozenset(
    frozenset((root + step) % OCTAVE for step in steps)
    for steps in ((0, 3, 7, 10), (0, 4, 7, 11))
    for root in range(OCTAVE)
)
"""Pitch classes of the complete minor and major sevenths."""
NAMES: Final = (
    "parallels",
    "crossings",
    "wide",
    "leaps",
    "chords",
    "triads",
    "sevenths",
    "rests",
    "alone",
)


def measured(pitches: Ints, bar: int, beat: int) -> dict[str, float]:
    """Return the measures of frames that end at a bar line; a bar and a beat have so many frames.

    `parallels` and `leaps` are counts a bar; `crossings`, `wide`, `rests` and `alone` shares;
    `chords` the share of the beats that are a chord with a name, `triads` and `sevenths` of those
    that are a complete triad, or a complete minor or major seventh.
    """
    bars = max(len(pitches) / bar, 1.0)
    return {
        "parallels": len(parallels(pitches)) / bars,
        "crossings": float(crossed(pitches).mean()) if len(pitches) else 0.0,
        "wide": float(_wide(pitches).mean()) if len(pitches) else 0.0,
        "leaps": _leaps(pitches) / bars,
        "chords": _chords(pitches[len(pitches) % beat :: beat]),
        "triads": _share(pitches[len(pitches) % beat :: beat], TRIAD_SETS),
        "sevenths": _share(pitches[len(pitches) % beat :: beat], SEVENTH_SETS),
        "rests": _rests(pitches),
        "alone": _alone(pitches),
    }


def parallels(pitches: Ints) -> list[tuple[int, int, int]]:
    """Return (frame, one part, other part) of parallel fifths, octaves and unisons.

    Both parts move in the same direction, from one such interval to the same, in one frame.
    """
    found = []
    move = np.sign(np.diff(pitches, axis=0))
    for one, other in combinations(range(pitches.shape[1]), 2):
        both = (pitches[:, one] > 0) & (pitches[:, other] > 0)
        interval = np.abs(pitches[:, one] - pitches[:, other]) % OCTAVE
        same = both[1:] & both[:-1] & (move[:, one] == move[:, other]) & (move[:, one] != 0)
        same &= (interval[1:] == interval[:-1]) & np.isin(interval[1:], PERFECT)
        found += [(int(frame) + 1, one, other) for frame in np.flatnonzero(same)]
    return sorted(found)


def crossed(pitches: Ints) -> Flags:
    """Return True [T] where a part lies below the part under it."""
    upper, lower = pitches[:, :-1], pitches[:, 1:]
    return np.asarray(((upper > 0) & (upper < lower)).any(axis=1))


def _wide(pitches: Ints) -> Flags:
    """Return True [T] where soprano and alto, or alto and tenor, are more than an octave apart."""
    upper, lower = pitches[:, :2], pitches[:, 1:3]
    return np.asarray(((lower > 0) & (upper - lower > OCTAVE)).any(axis=1))


def _share(pitches: Ints, chords: frozenset[frozenset[int]]) -> float:
    """Return the share of the frames that are one of these chords, complete; 0 without frames."""
    sets = [frozenset(pitch % OCTAVE for pitch in row if pitch) for row in pitches.tolist()]
    return sum(each in chords for each in sets) / len(sets) if sets else 0.0


def _rests(pitches: Ints) -> float:
    """Return the share of the lower parts that rest while the soprano sounds."""
    below = pitches[pitches[:, 0] > 0, 1:]
    return float((below == 0).mean()) if below.size else 0.0


def _alone(pitches: Ints) -> float:
    """Return the share of the frames in which a lower part sounds without the soprano."""
    without = (pitches[:, 0] == 0) & (pitches[:, 1:] > 0).any(1)
    return float(without.mean()) if len(pitches) else 0.0


def _leaps(pitches: Ints) -> int:
    """Return how often a part below the soprano leaps by a seventh or more, octaves apart."""
    count = 0
    for part in pitches[:, 1:].T:
        sounding = part[part > 0]
        leap = np.abs(np.diff(sounding))
        count += int(((leap >= SEVENTH) & (leap != OCTAVE)).sum())
    return count


def _chords(pitches: Ints) -> float:
    """Return the share of the frames with three parts or more that are a chord with a name."""
    full = [row[row > 0].tolist() for row in pitches if np.count_nonzero(row) >= PARTS - 1]
    return sum(is_chord(row) for row in full) / len(full) if full else 1.0


def is_chord(row: list[int]) -> bool:
    """Return True if all pitches belong to one chord: a triad, or one with a sixth or seventh."""
    classes = frozenset(pitch % OCTAVE for pitch in row)
    return any(classes <= chord for chord in CHORDS)


def rests_on_tonic(row: Ints, zero: int) -> bool:
    """Return True if a frame [4] is the tonic triad in root position, in major or minor."""
    sounding = [int(pitch) for pitch in row if pitch > 0]
    if not sounding or (min(sounding) - zero) % OCTAVE not in TONICS:
        return False
    return tuple(sorted({(pitch - min(sounding)) % OCTAVE for pitch in sounding})) in TRIADS
