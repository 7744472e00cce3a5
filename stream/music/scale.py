"""Scales and pitches: by name (`F# dorian`, `C4` for middle C), and moved by octaves."""

from __future__ import annotations

import re

from stream.errors import SettingsError
from stream.util.suggestion import did_you_mean

OCTAVE = 12
MAJOR = (0, 2, 4, 5, 7, 9, 11)
DEGREES = {
    "major": 0, "ionian": 0, "dorian": 1, "phrygian": 2, "lydian": 3, "mixolydian": 4,
    "minor": 5, "aeolian": 5, "locrian": 6,
}  # fmt: skip
"""The degree of the major scale on which each mode begins."""
PENTATONIC, BLUES = (0, 2, 4, 7, 9), (0, 3, 5, 6, 7, 10)
STEPS = {
    **{
        mode: tuple((step - MAJOR[degree]) % OCTAVE for step in MAJOR)
        for mode, degree in DEGREES.items()
    },
    "pentatonic": PENTATONIC,
    "major pentatonic": PENTATONIC,
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": BLUES,
    "minor blues": BLUES,
    "major blues": (0, 2, 3, 4, 7, 9),
}
"""Semitones above the key of each scale."""
LETTERS = "FCGDAEB"
"""The letters in the order of fifths; C is 0."""
MOST_FIFTHS = 6
MINOR_THIRD = 3
"""Semitones in a minor third."""
KEYS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": 0, "#": 1, "\u266f": 1, "b": -1, "\u266d": -1}
SCALE = re.compile(r"([A-Ga-g])([#b\u266d\u266f]?)[\s_-]+(.+)")
PITCH = re.compile(r"([A-Ga-g])([#b\u266d\u266f]?)(-?[0-9])")
LOWEST_OCTAVE = -1
"""Octave number of pitch 0; middle C, 60, is C4."""


def canonical_name(scale: str) -> str:
    """Return the canonical name of a scale, in any letter case; empty for an empty one.

    Raises `SettingsError` for an unknown scale.
    """
    found = SCALE.fullmatch(scale.strip())
    mode = " ".join(re.split(r"[\s_-]+", found[3].lower())) if found else ""
    if not scale.strip():
        return ""
    if found is None or mode not in STEPS:
        raise SettingsError(
            f"scale {scale[:40]!r}: write a key and one of {', '.join(STEPS)}, as 'F# minor'"
            + did_you_mean(mode, STEPS)
        )
    return f"{found[1].upper()}{found[2]} {mode}"


def pitch_classes(scale: str) -> frozenset[int]:
    """Return the pitch classes (0-11, 0 is C) of a scale; all twelve for an empty one.

    Raises `SettingsError` for an unknown scale.
    """
    key, _, mode = canonical_name(scale).partition(" ")
    if not key:
        return frozenset(range(OCTAVE))
    tonic = KEYS[key[0]] + SIGNS[key[1:]]
    return frozenset((tonic + step) % OCTAVE for step in STEPS[mode])


def key_name(tonic: int, mode: str) -> str:
    """Return the name of a key as musicians spell it, `Eb major`; empty for an unknown mode.

    `tonic` is a pitch class. Of two spellings the one with fewer sharps or flats is used.
    """
    if mode not in DEGREES:
        return ""
    fifths = _signature(tonic, mode)
    above = _fifths(MAJOR[DEGREES[mode]])
    if fifths == MOST_FIFTHS and MINOR_THIRD in STEPS[mode]:
        fifths = -MOST_FIFTHS  # E flat minor rather than D sharp minor
    signs, letter = divmod(fifths + above + 1, len(LETTERS))
    return f"{LETTERS[letter]}{'b' * -signs}{'#' * signs} {mode}"


def transposed_key(name: str, semitones: int) -> str:
    """Return the name of a key moved by `semitones`; empty for an unknown key."""
    key, _, mode = name.partition(" ")
    return key_name((KEYS[key[0]] + SIGNS[key[1:]] + semitones) % OCTAVE, mode) if key else ""


def signature(name: str) -> tuple[int, bool] | None:
    """Return the key signature of a key: its sharps, or its flats below 0, and True for minor.

    Modes with a minor third count as minor. None for a name that is not a key with a signature.
    """
    key, _, mode = name.partition(" ")
    if not key or mode not in DEGREES:
        return None
    tonic = KEYS[key[0]] + SIGNS[key[1:]]
    fifths = _signature(tonic % OCTAVE, mode)
    if fifths == MOST_FIFTHS and key.endswith("b"):
        fifths = -MOST_FIFTHS
    return fifths, MINOR_THIRD in STEPS[mode]


def _signature(tonic: int, mode: str) -> int:
    """Return the sharps of the scale of a mode on a pitch class; flats are below 0."""
    return _fifths(tonic - MAJOR[DEGREES[mode]])


def _fifths(pitch: int) -> int:
    """Return how many fifths above C a pitch class lies, from -5 to 6."""
    fifths = pitch * 7 % OCTAVE
    return fifths if fifths <= MOST_FIFTHS else fifths - OCTAVE


def folded(pitch: int, low: int, high: int) -> int:
    """Return the pitch moved by octaves into a range; at its edge if no octave fits."""
    if pitch < low:
        moved = low + (pitch - low) % OCTAVE
    elif pitch > high:
        moved = high - (high - pitch) % OCTAVE
    else:
        return pitch
    return moved if low <= moved <= high else min(max(pitch, low), high)


def pitch_of(text: str) -> int | None:
    """Return the number of a pitch by name, `C4` is 60; None for an unknown name."""
    found = PITCH.fullmatch(text.strip())
    if found is None:
        return None
    key, sign, octave = found.groups()
    return KEYS[key.upper()] + SIGNS[sign] + OCTAVE * (int(octave) - LOWEST_OCTAVE)
