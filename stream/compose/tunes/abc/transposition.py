"""The transposition from written to sounding notes, by K and V fields and directives.

`octave=1` and a clef with +8 or -8 move by octaves; `transpose=-2`, `shift=CD` and `sound=CD` (from
the first note to the second) and `instrument=_B` (from c to the note) by semitones. Parts that a
field does not mention stay the same, except the octave of a clef, which each clef sets anew.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from stream.compose.tunes.abc.keys import semitones

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones of each letter above C."""
SIZE = r"([+-]?\d{1,3})(?!\d)"
OCTAVE = re.compile(rf"(?<!\S)octave=\s*{SIZE}")
TRANSPOSE = re.compile(rf"(?<!\S)(?:transpose|t)=\s*{SIZE}")
NOTE = r"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*)"
SHIFT = re.compile(rf'(?<!\S)(?:shift|sound)="?{NOTE}{NOTE}"?(?!\S)')
INSTRUMENT = re.compile(rf'(?<!\S)instrument=(?:[^/\s]*/)?"?{NOTE}"?(?!\S)')
"""Pattern of the note that sounds where c is written."""
CLEF = re.compile(
    r'(?<!\S)(?:clef="?[A-Za-z]+|treble|alto|tenor|bass|baritone|mezzosoprano|soprano|perc)\d?'
    r'(?:([+-])(8|15))?"?(?!\S)'
)
QUOTED = re.compile(r'"[^"]*"')
"""Pattern of a quoted text; with a space in it, it is the name of a voice and not an option."""
DIRECTIVE = re.compile(rf"MIDI[\s=]\s*(r?)transpose\s+{SIZE}")


@dataclass(frozen=True, slots=True)
class Transposition:
    """Parts of the transposition from the written to the sounding note, in semitones."""

    octave: int = 0
    clef: int = 0
    steps: int = 0
    directive: int = 0

    @property
    def semitones(self) -> int:
        return self.octave + self.clef + self.steps + self.directive


def by_field(value: str, before: Transposition) -> Transposition:
    """Return the transposition after a K or V field with this value."""
    value = QUOTED.sub(_without_names, value)
    octave, steps = OCTAVE.search(value), _steps(value)
    clef = CLEF.search(value)
    return dataclasses.replace(
        before,
        octave=12 * int(octave[1]) if octave else before.octave,
        clef=_clef_octaves(clef) if clef else before.clef,
        steps=before.steps if steps is None else steps,
    )


def by_voice(value: str, before: Transposition) -> Transposition:
    """Return the transposition after a V field, whose first word is the name of the voice."""
    return by_field("".join(value.split(maxsplit=1)[1:]), before)


def by_directive(value: str, before: Transposition) -> Transposition:
    """Return the transposition after an I field, such as `MIDI transpose 2`.

    `MIDI rtranspose 2` adds to the directive before.
    """
    match = DIRECTIVE.match(value)
    if match is None:
        return before
    base = before.directive if match[1] else 0
    return dataclasses.replace(before, directive=base + int(match[2]))


def _without_names(quoted: re.Match[str]) -> str:
    return "" if len(quoted[0].split()) > 1 else quoted[0]


def _steps(value: str) -> int | None:
    """Return the semitones that a field gives; None without a valid one."""
    if match := TRANSPOSE.search(value):
        return int(match[1])
    if match := SHIFT.search(value):
        return _height(*match.group(4, 5, 6)) - _height(*match.group(1, 2, 3))
    if match := INSTRUMENT.search(value):
        return _height(*match.groups()) - _height(None, "c", "")
    return None


def _height(sign: str | None, letter: str, octave: str) -> int:
    marks = letter.islower() + octave.count("'") - octave.count(",")
    return STEPS[letter.upper()] + 12 * marks + (semitones(sign) if sign else 0)


def _clef_octaves(clef: re.Match[str]) -> int:
    if not clef[2]:
        return 0
    return (12 if clef[2] == "8" else 24) * (1 if clef[1] == "+" else -1)
