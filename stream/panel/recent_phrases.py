"""The phrases of the last minute and the queued ones, as the player has announced them.

Times are seconds, monotonic. `static/recent_phrases.js` does the same in the browser.
"""

from __future__ import annotations

from collections import deque
from typing import Any

KEPT_SECONDS = 60.0
"""Time for which a phrase is kept after its end."""
MOST_PHRASES = 256

Phrase = dict[str, Any]


class RecentPhrases:
    """Queued and played phrases."""

    def __init__(self) -> None:
        self._phrases: deque[Phrase] = deque(maxlen=MOST_PHRASES)

    @property
    def phrases(self) -> list[Phrase]:
        """Phrases in the order of their starts."""
        return list(self._phrases)

    def add(self, phrase: Phrase) -> None:
        """Add a queued phrase. Raises `KeyError` or `TypeError` if it is malformed."""
        ends = (float(phrase["start"]), float(phrase["end"]))
        notes = [list(note) for note in phrase["notes"]]
        self._phrases.append(phrase | {"start": ends[0], "end": ends[1], "notes": notes})

    def cut(self, at: float) -> None:
        """Remove everything from `at` on."""
        kept = [phrase for phrase in self._phrases if phrase["start"] < at]
        for phrase in kept:
            phrase["end"] = min(phrase["end"], at)
            phrase["notes"] = [
                [onset, min(duration, at - onset), *rest]
                for onset, duration, *rest in phrase["notes"]
                if onset < at
            ]
        self._phrases = deque(kept, MOST_PHRASES)

    def move(self, begin: float, delay: float) -> None:
        """Delay everything that begins at `begin` or later by `delay` seconds."""
        for phrase in self._phrases:
            for note in phrase["notes"]:
                note[0] += delay if note[0] >= begin else 0.0
            for edge in ("start", "end"):
                phrase[edge] += delay if phrase[edge] >= begin else 0.0

    def forget(self, now: float) -> None:
        """Remove phrases that ended long ago."""
        while self._phrases and self._phrases[0]["end"] < now - KEPT_SECONDS:
            self._phrases.popleft()
