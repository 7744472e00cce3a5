"""How far the notes sound from where they are written, by what K and V fields and directives say.

`octave=1` and a clef with +8 or -8 move by octaves; `transpose=-2`, and `shift=CD` and `sound=CD`
(from the first note to the second), by semitones. What a field does not mention stays as it is, but
for the octave of a clef that is named anew.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from export.corpus.abc.keys import semitones
from stream.errors import CorpusError

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones above C."""
SIZE = r"([+-]?\d{1,3})(?!\d)"
OCTAVE = re.compile(rf"(?<!\S)octave=\s*{SIZE}")
TRANSPOSE = re.compile(rf"(?<!\S)(?:transpose|t)=\s*{SIZE}")
SHIFT = re.compile(r"(?<!\S)(?:shift|sound)=\s*(\S+)")
NOTE = re.compile(r"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*)")
CLEF = re.compile(
    r'(?<!\S)(?:clef="?[A-Za-z]+|treble|alto|tenor|bass|baritone|mezzosoprano|soprano|perc)\d?'
    r'(?:([+-])(8|15))?"?(?!\S)'
)
DIRECTIVE = re.compile(rf"MIDI[\s=]\s*(r?)transpose\s+{SIZE}")


@dataclass(frozen=True, slots=True)
class Transposition:
    """Parts of the way from the written note to the one that sounds."""

    octave: int = 0
    """Semitones, as the next three."""
    clef: int = 0
    steps: int = 0
    directive: int = 0

    @property
    def semitones(self) -> int:
        return self.octave + self.clef + self.steps + self.directive


def by_field(value: str, before: Transposition) -> Transposition:
    """What holds after a K or V field with this value. Raises `CorpusError` for malformed notes."""
    octave, steps = OCTAVE.search(value), _steps(value)
    clef = CLEF.search(value)
    return dataclasses.replace(
        before,
        octave=12 * int(octave[1]) if octave else before.octave,
        clef=_clef_octaves(clef) if clef else before.clef,
        steps=before.steps if steps is None else steps,
    )


def by_voice(value: str, before: Transposition) -> Transposition:
    """What holds after a V field: its first word is the name of the voice."""
    return by_field(value.partition(" ")[2], before)


def by_directive(value: str, before: Transposition) -> Transposition:
    """What holds after an I field: `MIDI transpose 2` counts, and so does `MIDI rtranspose 2`."""
    match = DIRECTIVE.match(value)
    if match is None:
        return before
    base = before.directive if match[1] else 0
    return dataclasses.replace(before, directive=base + int(match[2]))


def _steps(value: str) -> int | None:
    transpose, shift = TRANSPOSE.search(value), SHIFT.search(value)
    if transpose:
        return int(transpose[1])
    return _interval(shift[1]) if shift else None


def _interval(notes: str) -> int:
    """Semitones from the first note to the second; from C where there is only one."""
    found = [_height(*match.groups()) for match in NOTE.finditer(notes)]
    if not 1 <= len(found) <= 2:
        raise CorpusError(f"shift={notes[:20]} is no interval such as shift=CD")
    return found[-1] - (found[0] if len(found) == 2 else 0)


def _height(sign: str | None, letter: str, octave: str) -> int:
    marks = letter.islower() + octave.count("'") - octave.count(",")
    return STEPS[letter.upper()] + 12 * marks + (semitones(sign) if sign else 0)


def _clef_octaves(clef: re.Match[str]) -> int:
    if not clef[2]:
        return 0
    return (12 if clef[2] == "8" else 24) * (1 if clef[1] == "+" else -1)
