"""Entropies of note series: the features of the filter (paper 002, section 4).

Conventions: a melody is its notes in order, as pitch [n] (MIDI numbers) and length [n] (whole
numbers of any unit, time to the next event); rests are left out of the series. Entropies are in
bits, plug-in estimates. An *excerpt* is the tune so far, at most its last `LONGEST` notes, followed
by one candidate phrase. A window holds a number of notes and, in a series of steps, the steps
between them, one fewer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.series import SERIES, WINDOWS

LONGEST = max(WINDOWS)
FEATURES = (
    *SERIES,
    *(f"{series}_min_{window}" for series in SERIES for window in WINDOWS),
    *(f"{series}_mean_{window}" for series in SERIES for window in WINDOWS),
)
"""Entropy of each series, and the least and the mean entropy of its windows."""

OPEN = (0.0, 16.0)
"""Bits between which every entropy of a melody lies: bounds that reject nothing."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NoteSeries = tuple[Ints, Ints]
"""Pitch [n] and length [n] of notes in order."""

NO_NOTES: NoteSeries = (np.zeros(0, np.int64), np.zeros(0, np.int64))
"""The past of a tune that begins."""
FEWER = (np.arange(len(SERIES)) % 2)[:, None, None]
"""Values that a series lacks, compared to the notes: a series of steps has one fewer."""
DECIMALS = 9
"""Decimals to which sums taken in another order agree; an entropy of 0 is then exactly 0."""


def entropies(pitch: Sequence[Ints], length: Sequence[Ints]) -> Floats:
    """Return bits [K, 6], in the order of `SERIES`, of K melodies that may differ in length.

    A series of fewer than two values has entropy 0.
    """
    counts = np.array([len(p) for p in pitch])
    classes, sizes = _classes(_padded(pitch), _padded(length), counts)
    return _total_entropies(_cumulated(classes, sizes), counts, sizes)


def features(melodies: Sequence[NoteSeries], past: NoteSeries = NO_NOTES) -> Floats:
    """Return bits [K, 66], in the order of `FEATURES`, of the excerpts that end in each phrase.

    A window that is longer than the excerpt has no value: NaN.
    """
    past = (past[0][-LONGEST:], past[1][-LONGEST:])
    past_count = len(past[0])
    counts = np.array([past_count + len(p) for p, _ in melodies])
    pitch, length = (_padded([np.concatenate([past[i], m[i]]) for m in melodies]) for i in (0, 1))
    classes, sizes = _classes(pitch, length, counts)
    cumulated = _cumulated(classes, sizes)
    found = [_total_entropies(cumulated, counts, sizes)]
    past_windows = _Windows(classes[:, :1, :past_count], cumulated[:, :1])
    windows = _Windows(classes, cumulated, past_count)
    pairs = [_extremes(past_windows, windows, window, counts) for window in WINDOWS]
    # [windows, 6, K] to [K, 6 x windows]
    found += [
        np.stack(part).transpose(2, 1, 0).reshape(len(melodies), -1)
        for part in zip(*pairs, strict=True)
    ]
    return np.asarray(np.concatenate(found, 1).round(DECIMALS), np.float64)


def _padded(rows: Sequence[Ints]) -> Ints:
    out = np.zeros((len(rows), max((len(r) for r in rows), default=0) or 1), np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _classes(pitch: Ints, length: Ints, counts: Ints) -> tuple[Ints, list[int]]:
    """Return the class of every value [6, K, N], and the first class of each series.

    No two series share a class. A series of steps has a separate class, which occurs once, at the
    first note; positions beyond a melody's count hold any class.
    """
    valid = np.arange(pitch.shape[1]) < counts[:, None]
    pitch_class = pitch % 12
    out = np.empty((len(SERIES), *pitch.shape), np.int64)
    sizes = [0]
    for i, values in enumerate((pitch_class, length, pitch)):
        steps = np.diff(values, axis=1)
        steps = steps % 12 if i == 0 else steps
        out[2 * i] = _compact(values, valid) + sizes[-1]
        sizes.append(int(out[2 * i].max()) + 1)
        out[2 * i + 1, :, 0] = sizes[-1]
        out[2 * i + 1, :, 1:] = _compact(steps, valid[:, 1:]) + sizes[-1] + 1
        sizes.append(int(out[2 * i + 1].max()) + 1)
    return out, sizes


def _compact(values: Ints, valid: NDArray[np.bool_]) -> Ints:
    """Return the values numbered from 0 without gaps; 0 if not `valid`."""
    used = values[valid]
    if not used.size:
        return np.zeros_like(values)
    low = used.min()
    present = np.zeros(int(used.max() - low) + 1, bool)
    present[used - low] = True
    return np.asarray((np.cumsum(present) - 1)[np.where(valid, values - low, used[0] - low)])


def _cumulated(classes: Ints, sizes: Sequence[int]) -> Ints:
    """Return how often each class occurs before each position [N + 1, K, classes]."""
    _, rows, places = classes.shape
    out = np.zeros((places + 1, rows, sizes[-1]), np.int32)
    for series in classes:
        out[np.arange(1, places + 1)[:, None], np.arange(rows), series.T] = 1
    for place in range(places):
        out[place + 1] += out[place]
    return out


def _total_entropies(cumulated: Ints, counts: Ints, sizes: Sequence[int]) -> Floats:
    """Return the entropy of each series over all its values [K, 6]."""
    last = cumulated[counts, np.arange(len(counts))]
    # The separate class at the start of the steps occurs once and adds nothing.
    sums = np.add.reduceat(_weights(int(counts.max(initial=0)))[last], sizes[:-1], axis=1)
    number = np.maximum(counts[:, None] - FEWER[:, 0, 0], 1)
    return np.asarray((np.log2(number) - sums / number).round(DECIMALS), np.float64)


def _weights(most: int) -> Floats:
    """Return the products c log2 c for the counts c from 0 to `most`.

    The entropy of n values is log2 n minus the sum of their products divided by n.
    """
    counts = np.arange(most + 1)
    return np.asarray(counts * np.log2(np.maximum(counts, 1)))


class _Windows:
    """The sums of c log2 c in sliding windows, note by note from the position `first`.

    Each note that enters a window, and each that leaves, changes the count of one class by one. So
    a sum follows from the one before it, and only the counts of these two classes are needed.
    """

    def __init__(self, classes: Ints, cumulated: Ints, first: int = 0) -> None:
        _, rows, number = cumulated.shape
        self._places = np.arange(first, classes.shape[2])
        self._counts = cumulated.ravel()
        self._stride = rows * number
        # Cells of one position's counts, padded by as many as a window can reach back.
        cells = classes + np.arange(rows)[:, None] * number
        self._cells = np.pad(cells, ((0, 0), (0, 0), (LONGEST, 0)))
        self._entering = cells[:, :, first:]
        self._counts_before = self._before(self._places, self._entering)
        self._gain = np.diff(_weights(LONGEST + 1))

    def sums(self, window: int) -> Floats:
        """Return the sums [6, K, N - first], minus their value just before `first`."""
        size = window - FEWER
        begin: Ints = np.maximum(self._places - size + 1, 0)
        entering = self._gain[self._counts_before - self._before(begin, self._entering)]
        leaving = self._leaving(window)
        left = self._gain[self._before(self._places, leaving) - self._before(begin, leaving)]
        return np.cumsum(entering - left * (self._places >= size), axis=2)

    def _leaving(self, window: int) -> Ints:
        out: Ints = np.empty_like(self._entering)
        start = self._cells.shape[2] - out.shape[2] - window
        end = start + out.shape[2]
        out[0::2] = self._cells[0::2, :, start:end]
        out[1::2] = self._cells[1::2, :, start + 1 : end + 1]
        return out

    def _before(self, places: Ints, cells: Ints) -> Ints:
        """Return how often each class occurs before its position."""
        return np.asarray(self._counts[places * self._stride + cells])


def _extremes(
    past_windows: _Windows, windows: _Windows, window: int, counts: Ints
) -> tuple[Floats, Floats]:
    """Return least and mean entropy [6, K] of all windows of so many notes; NaN without any."""
    before, after = past_windows.sums(window), windows.sums(window)
    past_count = before.shape[2]
    if past_count:
        after += before[:, :, -1:]
    size = window - FEWER
    past = np.log2(size) - before[:, :, window - 1 :] / size
    bits = np.log2(size) - after / size
    ends = np.arange(past_count, past_count + after.shape[2])
    whole = (ends < counts[:, None]) & (ends >= window - 1)
    number = np.maximum(counts - window + 1, 0)
    inside = np.where(whole, bits, np.inf)
    least = np.minimum(inside.min(2, initial=np.inf), past.min(2, initial=np.inf))
    total = (bits * whole).sum(2) + past.sum(2)
    return (
        np.where(number, least, np.nan),
        np.where(number, total / np.maximum(number, 1), np.nan),
    )
