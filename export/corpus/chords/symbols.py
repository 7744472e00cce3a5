"""Chord symbols as the Weimar Jazz Database writes them, such as `Bb-7`, `F#m7b5` or `G79b/B`."""

from __future__ import annotations

import re
from typing import Final

from stream.compose.polyphony import voicing
from stream.music.scale import KEYS, OCTAVE, SIGNS

SYMBOL: Final = re.compile(r"([A-G])([#b]?)([^/]*)(?:/.*)?")
BEGINNINGS: Final = (
    ("m7b5", "half-diminished"), ("o7", "diminished7"), ("o", "diminished"), ("-j", "minor"),
    ("-6", "minor6"), ("-7", "minor7"), ("-", "minor"), ("+7", "7"), ("+", "augmented"),
    ("j", "major7"), ("6", "6"), ("7", "7"), ("sus", "sus4"), ("", "major"),
)  # fmt: skip
"""Quality by the begin of what follows the root; the first that fits holds."""
NUMBERS: Final = {name: i for i, (name, _) in enumerate(voicing.QUALITIES)}


def chord_of(symbol: str) -> int:
    """Return the class of a chord symbol; no chord for `NC` and for text that is not a symbol."""
    found = SYMBOL.fullmatch(symbol.strip())
    if found is None:
        return voicing.NO_CHORD
    letter, sign, rest = found.groups()
    quality = next(name for begin, name in BEGINNINGS if rest.startswith(begin))
    return 1 + OCTAVE * NUMBERS[quality] + (KEYS[letter] + SIGNS[sign]) % OCTAVE
