"""The tempo that a button is tapped in. The caller gives all times."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

from stream.config.bounds import RANGES

LONGEST_SECONDS = 2.0
"""Seconds after which a tap begins a new count."""
TAPS = 5
"""Taps that are taken into account."""


class TapTempo:
    """The last taps."""

    def __init__(self) -> None:
        self._taps: deque[float] = deque(maxlen=TAPS)

    def tap(self, time: float) -> float | None:
        """Return the tempo (quarter notes a minute) after a tap at `time` (s).

        It is None for the first tap, and for a tempo that is out of range.
        """
        if self._taps and not 0 < time - self._taps[-1] <= LONGEST_SECONDS:
            self._taps.clear()
        self._taps.append(time)
        taps = list(self._taps)
        if len(taps) == 1:
            return None
        bpm = round(60 / median(b - a for a, b in pairwise(taps)), 1)
        low, high = RANGES["bpm"]
        return bpm if low <= bpm <= high else None
