"""The key in K fields: its signature and its mode.

Accidentals are semitones, by the capital letter of the note. A field with only a clef or a
transposition does not change the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from stream.errors import CorpusError

ACCIDENTAL = r"(?:[\^_]\d{0,2}/\d{0,2}|\^\^|\^|__|_|=)"
"""Pattern of an accidental, including microtones such as ^/ or ^3/2."""
EXTRA = re.compile(rf"\s*({ACCIDENTAL})([A-Ga-g])(?![A-Za-z])")
TONIC = re.compile(r"([A-G])([#b]?)")
MODE = re.compile(
    r"\s*(?P<mode>exp|maj|ion|lyd|mix|dor|min|aeo|phr|loc|m(?![a-z]))[a-z]*", re.IGNORECASE
)
MIDDLE = re.compile(r"\s+m=")
"""Pattern of the note on the middle line, which is not a minor key with a natural."""
FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
"""Sharps in the major key of each letter."""
SHARPS = "FCGDAEB"
"""Letters in the order in which a key signature adds sharps."""
MODES = {
    "": 0, "M": 0, "maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3,
    "aeo": -3, "phr": -4, "loc": -5,
}  # fmt: skip
"""Sharps more than in the major key of the same tonic."""
PIPES = {"F": 1, "C": 1, "G": 0}
"""The scale of the Highland bagpipe."""
CLEF = re.compile(
    r"(treble|alto|tenor|bass|baritone|mezzosoprano|soprano|perc|auto)\d?([+^_-]\d+)?|[a-z-]+=.*",
    re.IGNORECASE,
)
"""Pattern of a clef, or of an option of notation or sound."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key signature."""

    accidentals: dict[str, int] = field(default_factory=dict)
    mode: str = ""
    """`major` or `minor`, by the third above the tonic; empty without a key."""


def parse_key(value: str, before: Key) -> Key:
    """Parse `Am`, `D=c`, `D dorian ^c`, `G exp _b`, `Hp`, `none` or `none ^f`.

    With a clef alone the result is `before`. Raises `CorpusError` for others.
    """
    value = value.strip()
    first = value.partition(" ")[0]
    if first.lower() in ("", "none"):
        return Key(_extra(value[len(first) :]))
    if first in ("HP", "Hp"):
        return Key(PIPES, "major")
    tonic = TONIC.match(value)
    mode = _mode(value, tonic.end() if tonic else 0)
    at = mode.end() if mode else tonic.end() if tonic else 0
    extra = _extra(value[at:])
    name = mode["mode"] if mode else ""
    if name.lower() == "exp" or (extra and not tonic):
        return Key(extra)
    if tonic:
        return _named(tonic[1], tonic[2], name if name == "M" else name.lower(), extra)
    if CLEF.fullmatch(first):
        return before
    raise CorpusError(f"K:{value[:20]!r} is not a key such as Am, D mixolydian or none")


def semitones(sign: str) -> int:
    """Return the semitones that an accidental adds to a note; microtones are truncated."""
    count = sign.strip("^_=")
    if count:
        above, _, below = count.partition("/")
        size = int(Fraction(int(above or 1), max(int(below or 2), 1)))
    else:
        size = len(sign)
    return {"^": size, "_": -size, "=": 0}[sign[0]]


def _mode(value: str, at: int) -> re.Match[str] | None:
    return None if MIDDLE.match(value, at) else MODE.match(value, at)


def _extra(text: str) -> dict[str, int]:
    """Return the accidentals behind the name of a key, with or without a space."""
    found: dict[str, int] = {}
    at = 0
    while match := EXTRA.match(text, at):
        found[match[2].upper()] = semitones(match[1])
        at = match.end()
    for word in text[at:].split():
        if match := EXTRA.fullmatch(word):
            found[match[2].upper()] = semitones(match[1])
    return found


def _named(letter: str, sign: str, mode: str, extra: dict[str, int]) -> Key:
    fifths = FIFTHS[letter] + {"": 0, "#": 7, "b": -7}[sign] + MODES[mode]
    name = "minor" if MODES[mode] < -1 else "major"
    return Key(_signature(fifths) | extra, name)


def _signature(fifths: int) -> dict[str, int]:
    """Return the accidentals of a signature with so many sharps, or flats if negative."""
    accidentals: dict[str, int] = {}
    for i in range(abs(fifths)):
        letter = (SHARPS if fifths > 0 else SHARPS[::-1])[i % 7]
        accidentals[letter] = accidentals.get(letter, 0) + (1 if fifths > 0 else -1)
    return accidentals
