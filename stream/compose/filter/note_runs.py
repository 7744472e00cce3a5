"""Runs of notes as hashed keys: two melodies are alike if they share some.

A run of n is n (interval, duration) pairs in a row: the same in every key and at every tempo, with
durations in twelfths of the tune's unit. Rests are left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.bloom import Keys

Ints = NDArray[np.int64]

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def keys(pitch: Ints, length: Ints, run: int) -> Keys:
    """Return hashes [..., N - run] of all runs of `run` pairs in melodies of N notes.

    `pitch` [..., N] are MIDI numbers, `length` [..., N] twelfths of a unit.
    """
    pairs = (np.diff(pitch) + 128) * 64 + length[..., 1:]
    count = max(pairs.shape[-1] - run + 1, 0)
    found = np.zeros((*pairs.shape[:-1], count), np.uint64)
    for i in range(run):
        found = (found ^ pairs[..., i : i + count].astype(np.uint64)) * MULTIPLIER
        found ^= found >> np.uint64(29)
    return found


def inside(keys: Keys, counts: Ints, run: int) -> NDArray[np.bool_]:
    """Return which of `keys` [K, N] lie within the first `counts` [K] notes of their melody."""
    return np.arange(keys.shape[1]) < (counts - run)[:, None]


def longest(hits: NDArray[np.bool_]) -> Ints:
    """Return the most hits in a row [K] of each row of `hits` [K, N]."""
    best = current = np.zeros(len(hits), np.int64)
    for column in hits.T:
        current = (current + 1) * column
        best = np.maximum(best, current)
    return best
