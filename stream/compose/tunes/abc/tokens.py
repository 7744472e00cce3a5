"""Split a line of ABC music into tokens, as written, without resolving pitches or times.

Chord symbols, decorations, grace notes, slurs and reserved characters are left out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from stream.compose.tunes.abc.keys import ACCIDENTAL, semitones
from stream.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Field:
    """A field, on a line of its own or inline."""

    letter: str
    value: str


@dataclass(frozen=True, slots=True)
class Pitch:
    """One written note head."""

    letter: str
    """Letter of the note, A-G."""
    octave: int
    """Number of the octave; 0 is that of middle C."""
    accidental: int | None
    """Accidental in semitones; None if none is written."""
    tied: bool = False
    """True if it is tied to the next note of the same pitch."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A note, a chord (several pitches) or a rest (none)."""

    pitches: tuple[Pitch, ...]
    length: Fraction
    """Length in unit lengths."""


@dataclass(frozen=True, slots=True)
class BarRest:
    """Bars of silence."""

    bars: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar line, a repeat sign, the head of an ending, or several of them in one."""

    closes: int = 0
    """Number of times that the section before it is repeated."""
    opens: bool = False
    double: bool = False
    ending: tuple[int, ...] = ()
    """Passes in which the music after it is played; empty for all."""
    line: bool = True
    """False for the head of an ending that stands apart from a bar line."""


@dataclass(frozen=True, slots=True)
class Tuplet:
    """A tuplet: `played` notes in the time of `time_of`, for the next `notes` notes."""

    played: int
    time_of: int
    """Number of notes whose time they take; 0 if the meter decides it."""
    notes: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Dotted rhythm between two notes."""

    signs: int
    """Number of signs: positive if the note before is longer, negative if the note after is."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie from the note or chord before to the next one."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """The beginning of a second voice, at the time of so many bar lines before."""

    bars: int


Token = Field | Sound | BarRest | Bar | Tuplet | Broken | Tie | Overlay

LENGTH = r"(\d*)(/*)(\d*)"
NOTE = rf"({ACCIDENTAL})?([A-Ga-g])([,']*){LENGTH}"
HEADS = re.compile(f"{NOTE}(-?)")
MARKS = r'"[^"]*"|![^!|\s\[\]]*!|\+[^+|\s\[\]]+\+'
"""Pattern of chord symbols, annotations and decorations."""
TOKEN = re.compile(
    rf"""
      (?P<mark>{MARKS}|\{{[^}}]*\}})
    | \[(?P<field>[A-Za-z]:[^\]]*)\]
    | \[(?P<ending>\d[\d,.-]*)
    | (?P<bar>(?:\[\||[|:])[|:\]]*(?:\d[\d,.-]*)?)
    | (?P<chord>\[(?:"[^"]*"|[^"\]|])*\]{LENGTH})
    | (?P<tuplet>\(\d(?::\d*){{0,2}})
    | (?P<rest>[zxZX]{LENGTH})
    | (?P<note>{NOTE})
    | (?P<tie>-)
    | (?P<broken>>+|<+)
    | (?P<overlay>&+)
    | (?P<other>[^"\[{{])
    """,
    re.VERBOSE,
)


def scan(line: str) -> Iterator[Token]:
    """Yield the tokens of one line of music.

    Raises `CorpusError` for a quote, a bracket or a brace that is never closed.
    """
    at = 0
    while at < len(line):
        match = TOKEN.match(line, at)
        if match is None:
            raise CorpusError(f"{line[at : at + 20]!r}: a quote or bracket is never closed")
        kind = match.lastgroup or ""
        if kind in MAKERS:
            yield MAKERS[kind](match[kind])
        at = match.end()


def _field(text: str) -> Field:
    return Field(text[0], text[2:].strip())


def _bar(text: str) -> Bar:
    signs, numbers = re.findall(r"^(\D*)(.*)$", text)[0]
    left, right = map(len, re.findall(r"^(:*).*?(:*)$", signs)[0])
    if "|" not in signs:
        left = right = left // 2
    left = min(left, 9)  # single digits, as for endings
    double = "||" in signs or "]" in signs or "[" in signs
    return Bar(left, right > 0, double, _passes(numbers), line=signs != ":")


def _ending(text: str) -> Bar:
    return Bar(ending=_passes(text), line=False)


def _passes(text: str) -> tuple[int, ...]:
    """Return the numbers of `1,3` or `1-3`; only single digits are valid."""
    passes: list[int] = []
    for first, last in re.findall(r"(\d)(?:-(\d))?", text):
        passes += range(int(first), int(last or first) + 1)
    return tuple(passes)


def _chord(text: str) -> Sound:
    inside, _, outside = text[1:].rpartition("]")
    heads = list(HEADS.finditer(re.sub(MARKS, "", inside)))
    if not heads:
        return Sound((), Fraction(0))
    length = _length(outside) * _length("".join(heads[0].group(4, 5, 6)))
    return Sound(tuple(_pitch(*head.group(1, 2, 3, 7)) for head in heads), length)


def _note(text: str) -> Sound:
    sign, letter, octave, *length = HEADS.findall(text)[0]
    return Sound((_pitch(sign, letter, octave, ""),), _length("".join(length)))


def _pitch(sign: str | None, letter: str, octave: str, tie: str) -> Pitch:
    height = letter.islower() + octave.count("'") - octave.count(",")
    return Pitch(letter.upper(), height, semitones(sign) if sign else None, bool(tie))


def _rest(text: str) -> Sound | BarRest:
    if text[0] in "zx":
        return Sound((), _length(text[1:]))
    return BarRest(_number(text[1:].partition("/")[0] or "1"))


def _length(text: str) -> Fraction:
    """Return the length of `2`, `/`, `//`, `3/2`, in units. Raises `CorpusError` for `/0`."""
    above, slashes, below = re.findall(f"^{LENGTH}$", text)[0]
    divisor = _number(below) if below else 2 ** len(slashes)
    if not 0 < divisor <= 256 or len(slashes) > 8:
        raise CorpusError(f"{text} is not the length of a note")
    return Fraction(_number(above or "1"), divisor)


def _number(digits: str) -> int:
    if len(digits) > 4:
        raise CorpusError(f"{digits[:20]}: too large a number for music")
    return int(digits)


def _tuplet(text: str) -> Tuplet:
    played, time_of, notes = (text[1:] + "::").split(":")[:3]
    if not int(played):
        raise CorpusError(f"{text}: a tuplet has at least one note")
    return Tuplet(int(played), _number(time_of or "0"), _number(notes or played))


def _broken(text: str) -> Broken:
    if len(text) > 4:
        raise CorpusError(f"{text[:20]}: too many signs of broken rhythm")
    return Broken(len(text) if text[0] == ">" else -len(text))


MAKERS: dict[str, Callable[[str], Token]] = {
    "field": _field,
    "bar": _bar,
    "ending": _ending,
    "chord": _chord,
    "note": _note,
    "rest": _rest,
    "tuplet": _tuplet,
    "broken": _broken,
    "tie": lambda _: Tie(),
    "overlay": lambda text: Overlay(len(text)),
}
