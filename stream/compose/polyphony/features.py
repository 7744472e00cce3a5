"""The features of the polyphonic filter, measured over several parts at once.

Conventions: `pitches` [T, P] are the MIDI numbers in each frame, 0 for none. All features are of
*one excerpt*: the last `BARS` bars of a tune, up to the end of the phrase that is evaluated.
Thresholds must come from excerpts of real pieces of the same length, because the entropies grow
with the count of values.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np

from stream.compose.polyphony.chords import Chords, chords, transitions
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.scale import OCTAVE

BARS = 4
"""Bars of an excerpt."""
ENTROPIES = ("chord_change_entropy", "chord_entropy")
"""Entropies of the pairs of successive chords, and of the chords: bits, plug-in estimates."""
SHARED = (*ENTROPIES, "density", "activity", "voice_leading")
"""Features of chorale and piano: beside the entropies the mean number of notes in a frame, the
share of frames in which something is struck, the mean semitones that parts move from chord to
chord."""
OF_PARTS = ("crossings", "parallels", "out_of_range")
"""Features of a chorale: the share of frames with crossed voices, parallel fifths and octaves per
100 changes of chords, the share of notes beyond the range of their part."""
RANGES = np.array(((60, 81), (53, 76), (48, 69), (36, 64)))
"""Lowest and highest pitch of soprano, alto, tenor and bass."""
PERFECT = (0, 7)
"""Semitones, modulo octaves, of the intervals that should not move in parallel."""
DECIMALS = 6


def of_chorale(pitches: Ints) -> dict[str, float]:
    """Return the features of four parts [T, 4]."""
    found = _of_chords(chords(pitches)) | _density(pitches)
    return in_order(found | _of_moves(pitches) | _of_parts(pitches), SHARED + OF_PARTS)


def of_piano(pitches: Ints) -> dict[str, float]:
    """Return the features of the pitches that sound on a piano."""
    found = _of_chords(chords(pitches)) | _density(pitches)
    return in_order(found | _of_keys(pitches), SHARED)


def in_order(found: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    """Return the features of these names, rounded."""
    return {name: round(float(found[name]), DECIMALS) for name in names}


def _density(pitches: Ints) -> dict[str, float]:
    return {"density": np.count_nonzero(pitches) / len(pitches)}


def _of_chords(found: Chords) -> dict[str, float]:
    return {
        "chord_change_entropy": entropy(transitions(found)),
        "chord_entropy": entropy(found.sets),
    }


def entropy(values: Ints) -> float:
    """Return the entropy in bits of the shares of equal values [n]; 0 without values."""
    if not len(values):
        return 0.0
    _, counts = np.unique(values, return_counts=True)
    p = counts / len(values)
    return float((p * -np.log2(p)).sum())


def _of_moves(parts: Ints) -> dict[str, float]:
    """Return `activity` and `voice_leading` of parts [T, 4]."""
    struck = (parts > 0) & (np.diff(parts, axis=0, prepend=0) != 0)
    before, after = _changing(parts)
    both = (before > 0) & (after > 0)
    moved = np.abs(after - before)[both]
    return {
        "activity": struck.any(1).mean(),
        "voice_leading": moved.mean() if moved.size else 0.0,
    }


def _changing(parts: Ints) -> tuple[Ints, Ints]:
    """Return the frames [n, 4] before and after each change of any part."""
    at = np.flatnonzero((parts[1:] != parts[:-1]).any(1))
    return parts[at], parts[at + 1]


def _of_parts(parts: Ints) -> dict[str, float]:
    """Return `OF_PARTS` of parts [T, 4]."""
    crossed: Flags = np.zeros(len(parts), bool)
    for upper, lower in pairwise(range(parts.shape[1])):
        crossed |= (parts[:, upper] > 0) & (parts[:, upper] < parts[:, lower])
    before, after = _changing(parts)
    sounds = parts > 0
    beyond = sounds & ((parts < RANGES[:, 0]) | (parts > RANGES[:, 1]))
    return {
        "crossings": crossed.mean(),
        "parallels": 100 * _parallels(before, after) / max(len(before), 1),
        "out_of_range": beyond.sum() / max(sounds.sum(), 1),
    }


def _parallels(before: Ints, after: Ints) -> int:
    """Return how many pairs of parts move in parallel, from fifth to fifth or octave to octave."""
    count = 0
    both = (before > 0) & (after > 0)
    move = np.sign(after - before)
    for one, other in combinations(range(before.shape[1]), 2):
        same = both[:, one] & both[:, other] & (move[:, one] == move[:, other])
        same &= move[:, one] != 0
        intervals = [np.abs(x[:, one] - x[:, other]) % OCTAVE for x in (before, after)]
        count += sum(int((same & (intervals[0] == p) & (intervals[1] == p)).sum()) for p in PERFECT)
    return count


def _of_keys(pitches: Ints) -> dict[str, float]:
    """Return `activity` and `voice_leading` of a piano's frames [T, M] of pitches, 0 for none.

    It has no parts: each new note is assumed to come from the nearest of the chord before.
    """
    sounds = pitches > 0
    held = (pitches[1:, :, None] == pitches[:-1, None, :]).any(2)
    struck = sounds.copy()
    struck[1:] &= ~held
    at = np.flatnonzero(struck[1:].any(1) & sounds[:-1].any(1))
    before, after = pitches[at], pitches[at + 1]
    distances = np.abs(after[:, :, None] - before[:, None, :]).astype(float)
    distances[np.broadcast_to((before == 0)[:, None, :], distances.shape)] = np.inf
    nearest = distances.min(2, initial=np.inf)[after > 0]
    return {
        "activity": struck.any(1).mean(),
        "voice_leading": nearest.mean() if nearest.size else 0.0,
    }
