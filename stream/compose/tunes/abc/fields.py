"""The fields M (meter) and L (unit length). Lengths are fractions of a whole note."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from stream.errors import CorpusError

NUMBER = r"\d{1,4}"
METER = re.compile(rf"\(?\s*({NUMBER}(?:\s*\+\s*{NUMBER})*)\s*\)?\s*/\s*({NUMBER})")


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature."""

    bar: Fraction = Fraction(0)
    """Length of a bar; 0 for free meter."""
    compound: bool = False
    """True if the beat is a dotted note, which divides into three."""


def parse_meter(value: str) -> Meter:
    """Parse `6/8`, `C`, `C|`, `(2+3)/8` or `none`. Raises `CorpusError` for others."""
    if value.lower() in ("", "none"):
        return Meter()
    match = METER.match({"C": "4/4", "C|": "2/2"}.get(value, value))
    beats = sum(int(beat) for beat in match[1].split("+")) if match else 0
    if match is None or not beats or not int(match[2]):
        raise CorpusError(f"M:{value[:20]!r} is not a meter such as 6/8, C, C| or none")
    return Meter(Fraction(beats, int(match[2])), beats in (6, 9, 12))


def parse_unit(value: str) -> Fraction:
    """Parse a unit length such as `1/8`. Raises `CorpusError` for others."""
    match = re.match(rf"({NUMBER})(?:/({NUMBER}))?(?!\d)", value)
    if match is None or not int(match[1]) or not 0 < int(match[2] or 1) <= 256:
        raise CorpusError(f"L:{value[:20]!r} is not a length such as 1/8")
    return Fraction(int(match[1]), int(match[2] or 1))


def default_unit(meter: Meter) -> Fraction:
    """Return the unit length without an L field: short meters are written in sixteenths."""
    return Fraction(1, 16) if 0 < meter.bar < Fraction(3, 4) else Fraction(1, 8)
