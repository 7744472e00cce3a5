"""A scale by name: `C major`, `F# dorian`."""

from __future__ import annotations

import re

from stream.errors import SettingsError

OCTAVE = 12
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MODES = {
    "major": 0, "ionian": 0, "dorian": 1, "phrygian": 2, "lydian": 3, "mixolydian": 4,
    "minor": 5, "aeolian": 5, "locrian": 6,
}  # fmt: skip
"""The degree of the major scale on which each begins."""
KEYS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALE = re.compile(rf"([A-G])([#b]?) ({'|'.join(MODES)})")


def pitch_classes(scale: str) -> frozenset[int]:
    """Pitch classes (0-11, 0 is C) of a scale; all twelve where nothing is said.

    Raises `SettingsError` for anything else.
    """
    if not scale:
        return frozenset(range(OCTAVE))
    found = SCALE.fullmatch(scale)
    if found is None:
        raise SettingsError(
            f"scale {scale[:40]!r}: write a key and one of {', '.join(MODES)}, as 'F# minor'"
        )
    key, sign, mode = found.groups()
    tonic = KEYS[key] + {"#": 1, "b": -1, "": 0}[sign]
    first = MAJOR[MODES[mode]]
    return frozenset((tonic + step - first) % OCTAVE for step in MAJOR)
