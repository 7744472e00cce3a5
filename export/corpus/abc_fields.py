"""What the fields of ABC mean: M (metre), L (unit length) and K (key).

Lengths are fractions of a whole note; accidentals are semitones, by the capital letter of the note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from stream.errors import CorpusError

NUMBER = r"\d{1,4}"
METRE = re.compile(rf"\(?\s*({NUMBER}(?:\s*\+\s*{NUMBER})*)\s*\)?\s*/\s*({NUMBER})")
KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)(.*)")
ACCIDENTAL = re.compile(r"(\^\^?|__?|=)([A-Ga-g])")
SEMITONES = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}

FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
"""Sharps in the major key of each letter."""
SHARPS = "FCGDAEB"
"""In the order in which a key signature adds them."""
MODES = {
    "": 0, "maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3,
    "phr": -4, "loc": -5,
}  # fmt: skip
"""Sharps more than in the major key of the same tonic."""
PIPES = {"F": 1, "C": 1, "G": 0}
"""The scale of the Highland bagpipe."""


@dataclass(frozen=True, slots=True)
class Metre:
    """A time signature."""

    bar: Fraction = Fraction(0)
    """0: free."""
    compound: bool = False
    """The beat is a dotted note, and falls into three."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key signature."""

    accidentals: dict[str, int] = field(default_factory=dict)
    mode: str = ""
    """`major` or `minor`, by the third above the tonic; empty: no key."""


def parse_metre(value: str) -> Metre:
    """The metre of `6/8`, `C`, `C|`, `(2+3)/8` or `none`. Raises `CorpusError` for others."""
    if value in ("", "none"):
        return Metre()
    match = METRE.match({"C": "4/4", "C|": "2/2"}.get(value, value))
    beats = sum(int(beat) for beat in match[1].split("+")) if match else 0
    if match is None or not beats or not int(match[2]):
        raise CorpusError(f"M:{value[:20]!r} is no metre such as 6/8, C, C| or none")
    return Metre(Fraction(beats, int(match[2])), beats in (6, 9, 12))


def parse_unit(value: str) -> Fraction:
    """The unit length of `1/8`. Raises `CorpusError` for others."""
    match = re.match(rf"({NUMBER})(?:/({NUMBER}))?(?!\d)", value)
    if match is None or not int(match[1]) or not 0 < int(match[2] or 1) <= 256:
        raise CorpusError(f"L:{value[:20]!r} is no length such as 1/8")
    return Fraction(int(match[1]), int(match[2] or 1))


def default_unit(metre: Metre) -> Fraction:
    """The unit length where no L field gives one: short metres are written in sixteenths."""
    return Fraction(1, 16) if 0 < metre.bar < Fraction(3, 4) else Fraction(1, 8)


def parse_key(value: str, before: Key) -> Key:
    """The key of `Am`, `D dorian ^c`, `G exp _b`, `Hp` or `none`; a clef alone leaves `before`.

    Raises `CorpusError` for others.
    """
    words = " ".join(word for word in value.split() if "=" not in word.lstrip("="))
    if words in ("", "none"):
        return before if words != value else Key()
    if words in ("HP", "Hp"):
        return Key(PIPES, "major")
    match = KEY.match(words)
    if match is None:
        raise CorpusError(f"K:{value[:20]!r} is no key such as Am, D mixolydian or none")
    mode = match[3][:3].lower()
    extra = {letter.upper(): SEMITONES[sign] for sign, letter in ACCIDENTAL.findall(match[4])}
    if mode == "exp":
        return Key(extra)
    fifths = FIFTHS[match[1]] + {"": 0, "#": 7, "b": -7}[match[2]] + MODES.get(mode, 0)
    name = "minor" if MODES.get(mode, 0) < -1 else "major"
    return Key(_signature(fifths) | extra, name)


def _signature(fifths: int) -> dict[str, int]:
    """Accidentals of a signature with so many sharps, or flats where negative."""
    accidentals: dict[str, int] = {}
    for i in range(abs(fifths)):
        letter = (SHARPS if fifths > 0 else SHARPS[::-1])[i % 7]
        accidentals[letter] = accidentals.get(letter, 0) + (1 if fifths > 0 else -1)
    return accidentals
