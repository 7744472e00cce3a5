"""The arc of the energy: that of the last minutes' phrases, and the one to come.

Times are seconds, monotonic.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from stream.music.controls import Controls
from stream.music.energy import PHRASES, energy_at

MOST_PHRASES = 128
"""Most phrases that are kept: several minutes of them."""
PAST_SECONDS = 180.0
COMING_SECONDS = 180.0
MOST_COMING = 90
"""Most phrases that are foreseen."""

Point = tuple[float, float]
"""Start of a phrase, and its energy."""


class EnergyArc:
    """Collects the energy of each phrase, and foresees that of the phrases after it.

    The phrases to come are taken to be as long as the last one, and tunes as `PHRASES` phrases.
    """

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=MOST_PHRASES)
        self._tune = 0
        self._opened = 0
        """Index of the first known phrase of the tune."""
        self._index = 0
        self._end = 0.0
        self._length = 0.0

    def add(self, phrase: Mapping[str, Any]) -> None:
        """Add a queued phrase. Raises `TypeError` or `ValueError` if it is malformed."""
        if "energy" not in phrase:
            return
        start, end = float(phrase["start"]), float(phrase["end"])
        energy = float(phrase["energy"])
        tune, index = int(phrase["tune"]), int(phrase["index"])
        if tune != self._tune or not self._points:
            self._opened = index
        self._tune, self._index, self._end, self._length = tune, index, end, end - start
        self._points.append((start, energy))
        while self._points[0][0] < start - PAST_SECONDS:
            self._points.popleft()

    def cut(self, at: float) -> None:
        """Remove everything from `at` on."""
        self._points = deque((p for p in self._points if p[0] < at), MOST_PHRASES)
        self._end = min(self._end, at)

    def move(self, begin: float, delay: float) -> None:
        """Delay everything that begins at `begin` or later by `delay` seconds."""
        moved = ((t + delay if t >= begin else t, energy) for t, energy in self._points)
        self._points = deque(moved, MOST_PHRASES)
        self._end += delay if self._end >= begin else 0.0

    def document(self, controls: Controls, seed: int) -> dict[str, list[Point]]:
        """Return the points of the phrases that are known, and of those to come."""
        return {
            "known": [(round(at, 2), energy) for at, energy in self._points],
            "coming": self._coming(controls, seed) if self._points and self._length > 0 else [],
        }

    def _coming(self, controls: Controls, seed: int) -> list[Point]:
        count = min(int(COMING_SECONDS / self._length) + 1, MOST_COMING)
        played = min(self._index - self._opened, PHRASES - 1)
        points = []
        for step in range(count):
            tunes, phrase = divmod(played + 1 + step, PHRASES)
            energy = energy_at(controls.energy, controls.arc, seed, self._tune + tunes, phrase)
            points.append((round(self._end + step * self._length, 2), energy))
        return points
