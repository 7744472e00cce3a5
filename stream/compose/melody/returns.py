"""Comparison of the bars of a tune: which of them return to an earlier one.

Conventions: tokens [n, 3] of events in order; times in twelfths of a unit; a bar is `bar` twelfths
long. A bar is compared by its events, as place in the bar, pitch and duration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline import (
    EQUAL,
    LOWEST,
    NEW,
    REGISTER,
    REGISTERS,
    SIMILAR,
    Return,
)
from stream.compose.melody.vocabulary import REST, TWELFTHS, decode_pitch

ALIKE: Final = 0.5
"""Share of a bar's time that is equal in similar bars."""
REACH: Final = 32
"""Bars to which a bar may return."""
LAGS: Final = (8, 4, 2, 1, 16, 12, 24, 6, 3)
"""Distances in bars in the order of preference between equally similar ones."""

Tokens = NDArray[np.integer]
Bar = dict[tuple[int, int], int]
"""Duration of each event of a bar, by its place and its pitch."""


def onsets(tokens: Tokens) -> NDArray[np.int64]:
    """Return the onset of each event, and the end of the last, [n + 1]."""
    lengths = np.array(TWELFTHS)[tokens[:, 2]]
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def bars(tokens: Tokens, bar: int) -> list[Bar]:
    """Return the events of each bar, the last of which may be incomplete."""
    edges = onsets(tokens).tolist()
    found: list[Bar] = [{} for _ in range(-(-edges[-1] // bar))]
    for onset, end, (pitch_class, octave, _) in zip(
        edges[:-1], edges[1:], tokens.tolist(), strict=True
    ):
        number, place = divmod(onset, bar)
        found[number][place, 16 * octave + pitch_class] = end - onset
    return found


def notes(bar: Bar) -> int:
    """Return the notes that begin in a bar."""
    return sum(pitch % 16 != REST for _, pitch in bar)


def register(bar: Bar) -> int | None:
    """Return the register of a bar: the class of its mean pitch in time; None for one of rests."""
    found = [
        (decode_pitch(pitch % 16, pitch // 16), time)
        for (_, pitch), time in bar.items() if pitch % 16 != REST
    ]  # fmt: skip
    if not found:
        return None
    mean = sum(pitch * time for pitch, time in found) / sum(time for _, time in found)
    return min(max(int((mean - LOWEST) // REGISTER), 0), REGISTERS - 1)


def likeness(one: Bar, other: Bar, bar: int) -> float:
    """Return the share of a bar that is equal in both; 1 for bars with the same events."""
    if one == other:
        return float(bool(one))
    shared = sum(min(one[key], other[key]) for key in one.keys() & other.keys())
    return min(shared / bar, 0.99)


def returns(found: Sequence[Bar], bar: int) -> list[Return]:
    """Return the relation of each bar to the most similar one before it."""
    related: list[Return] = []
    for at, here in enumerate(found):
        last = related[-1].lag if related else 0
        best = max(
            (
                _ranked(likeness(here, found[at - lag], bar), lag, last)
                for lag in range(1, min(at, REACH) + 1)
            ),
            default=(NEW, 0, 0),
        )
        related.append(Return(-best[2], best[0]) if best[0] else Return())
    return related


def _ranked(alike: float, lag: int, last: int) -> tuple[int, int, int]:
    """Return the degree of likeness, the preference of its distance, and minus the distance."""
    degree = EQUAL if alike == 1 else SIMILAR if alike >= ALIKE else NEW
    preferred = len(LAGS) - LAGS.index(lag) if lag in LAGS else 0
    return degree, len(LAGS) + 1 if lag == last else preferred, -lag
