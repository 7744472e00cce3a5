"""Chords that a melody in C implies: the cheapest sequence of triads of its key.

A span, half a bar or a third of a long one, is compared with each triad by the share of its time
inside it; a note that begins the span counts double. A change of chord costs, less at a bar line;
the Viterbi algorithm finds the best sequence.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody import returns
from stream.compose.melody.vocabulary import REST
from stream.compose.polyphony.voicing import pitch_classes
from stream.music.scale import OCTAVE

TRIADS: Final = {
    "major": ((0, 0), (7, 0), (5, 0), (9, 1), (2, 1), (10, 0), (4, 1)),
    "minor": ((0, 1), (7, 0), (5, 1), (10, 0), (8, 0), (3, 0), (7, 1)),
}
"""Root and quality number of the triads of each mode, the usual ones first."""
RARE: Final = 0.06
"""Cost of a triad for each more usual one before it."""
CHANGE: Final = 0.35
"""Cost of a change within a bar."""
AT_BAR: Final = 0.12
"""Cost of a change at a bar line."""
MISSING: Final = 0.25
"""Cost of a span without its root."""


def implied(tokens: NDArray[np.uint8], bar: int, bars: int, mode: str) -> list[tuple[int, int]]:
    """Return class and length in units of each chord; a bar has `bar` units, the tune `bars`."""
    span = _span(bar)
    classes = [1 + OCTAVE * quality + root for root, quality in TRIADS[mode or "major"]]
    weights = _weights(tokens, 12 * span, bars * bar // span)
    path = _best(_gains(weights, classes), bar // span)
    found: list[tuple[int, int]] = []
    for number in path:
        chord = classes[number]
        if found and found[-1][0] == chord:
            found[-1] = chord, found[-1][1] + span
        else:
            found.append((chord, span))
    return found


def _span(bar: int) -> int:
    """Return the units of a span."""
    if bar % 2 == 0 and bar > 2:
        return bar // 2
    return bar // 3 if bar % 3 == 0 and bar > 3 else bar


def _weights(tokens: NDArray[np.uint8], span: int, spans: int) -> NDArray[np.float64]:
    """Return the time of each pitch class in each span, [spans, 12]."""
    edges = returns.onsets(tokens)
    weights = np.zeros((spans, OCTAVE))
    for begin, end, pitch_class in zip(edges[:-1], edges[1:], tokens[:, 0], strict=True):
        if pitch_class == REST:
            continue
        for at in range(int(begin) // span, min(-(-int(end) // span), spans)):
            time = min(end, (at + 1) * span) - max(begin, at * span)
            weights[at, pitch_class] += time * (2 if begin == at * span else 1)
    return weights


def _gains(weights: NDArray[np.float64], classes: list[int]) -> NDArray[np.float64]:
    """Return the gain of each triad in each span, [spans, triads]."""
    inside = np.zeros((len(classes), OCTAVE))
    roots = np.array([pitch_classes(chord)[0] for chord in classes])
    for row, chord in enumerate(classes):
        inside[row, list(pitch_classes(chord))] = 1
    shares = weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    rare = RARE * np.arange(len(classes))
    return np.asarray(shares @ inside.T - MISSING * (shares[:, roots] == 0) - rare)


def _best(gains: NDArray[np.float64], per_bar: int) -> list[int]:
    """Return the number of the triad of each span."""
    if not len(gains):
        return []
    best, pointers = gains[0].copy(), []
    numbers = np.arange(gains.shape[1])
    for at, gain in enumerate(gains[1:], 1):
        top = int(best.argmax())
        change = best[top] - (CHANGE if at % per_bar else AT_BAR)
        pointers.append(np.where(best >= change, numbers, top))
        best = np.maximum(best, change) + gain
    path = [int(best.argmax())]
    for each in reversed(pointers):
        path.append(int(each[path[-1]]))
    return path[::-1]
