"""Tempos of styles and dances, in quarter notes a minute.

The dances follow the speeds that are usual for them, below those of competitions (reels 113 half
notes, jigs 115 dotted quarters a minute); hymns follow hymnals, which mark 80 to 100 quarters.
Performances have their own.
"""

from __future__ import annotations

from typing import Final

from stream.compose.tunes.tune import Melody

DANCES: Final = {
    "reel": 180, "hornpipe": 144, "jig": 156, "slip jig": 156, "strathspey": 116, "air": 76,
    "march": 108, "waltz": 138, "country dance": 104,
}  # fmt: skip
STYLES: Final = {"folk": 168, "hymn": 88, "bach": 76, "song": 108}
TRIPLE: Final = {"hymn": 100, "song": 132}
"""Tempo of a style in bars of three quarters."""
USUAL: Final = 112
SLOWEST, FASTEST = 72, 240
"""Tempos between which a performance is kept."""


def tempo_of(melody: Melody) -> int:
    """Return the tempo of a tune."""
    if melody.tempo:
        return round(min(max(melody.tempo, SLOWEST), FASTEST))
    if melody.kind in DANCES:
        return DANCES[melody.kind]
    triple = melody.bar * melody.unit == 144
    return (TRIPLE if triple else {}).get(melody.style) or STYLES.get(melody.style, USUAL)
