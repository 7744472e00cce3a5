"""Entropies of note series: the features of the filter (paper 002, section 4).

Conventions: a melody is its notes in order, as pitch [n] (MIDI numbers) and length [n] (any unit,
time to the next event); rests are left out of the series. Entropies are in bits, plug-in estimates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEATURES = ("pitch_class", "pitch_class_step", "length", "length_step", "pitch", "pitch_step")
"""The paper's six series: each of three, and its differences from note to note."""

Ints = NDArray[np.int64]


def entropies(pitch: Sequence[Ints], length: Sequence[Ints]) -> NDArray[np.float64]:
    """[K, 6] bits, in the order of `FEATURES`, of K melodies that may differ in notes.

    `length` must hold whole numbers. A series of fewer than two values has entropy 0.
    """
    counts = np.array([len(p) for p in pitch])
    pitches, lengths = _padded(pitch), _padded(length)
    columns = np.arange(pitches.shape[1])
    here = columns < counts[:, None]
    both = here[:, 1:]
    pitch_class = pitches % 12
    series = (
        (pitch_class, here),
        (np.diff(pitch_class) % 12, both),
        (lengths, here),
        (np.diff(lengths), both),
        (pitches, here),
        (np.diff(pitches), both),
    )
    return np.stack([_entropy(values, mask) for values, mask in series], axis=1)


def _padded(rows: Sequence[Ints]) -> Ints:
    out = np.zeros((len(rows), max((len(r) for r in rows), default=0) or 1), np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _entropy(values: Ints, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Bits of the values of each row [K, T] where the mask holds."""
    rows = len(values)
    if not mask.any():
        return np.zeros(rows)
    shifted = values - values[mask].min()
    classes = int(shifted[mask].max()) + 1
    cells = (np.arange(rows)[:, None] * classes + shifted)[mask]
    counts = np.bincount(cells, minlength=rows * classes).reshape(rows, classes)
    total = np.maximum(counts.sum(1, keepdims=True), 1)
    p = counts / total
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1.0))).sum(1))
