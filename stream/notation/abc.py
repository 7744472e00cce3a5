"""ABC notation (abcnotation.com, standard 2.1), written as plain text.

A length that has no note value, as a person may play one, is written as a fraction within a
triplet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Final

from stream.music.part import DRUMS
from stream.notation.score import Staff, Tune
from stream.notation.spelling import Spelled, altered, sharps_of, spelled
from stream.notation.values import TRIPLET, Chord, measures
from stream.util.printable import visible

UNIT: Final = 24
"""Ticks of the unit length, an eighth note."""
ACCIDENTALS: Final = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
MAJOR_KEYS: Final = ("Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#")
"""Major keys from six flats to six sharps."""
BARS_OF_LINE: Final = 4
LOWERCASE_FROM: Final = 5
"""Octave from which letters are lower case."""
DRUM_CHANNEL: Final = 10
"""Channel of the drums, from 1."""
PROGRAM_CHANNELS: Final = (*range(1, 10), *range(11, 17))


def written(tunes: Sequence[Tune]) -> str:
    """Return an ABC file of tunes, numbered from 1."""
    return "\n".join(_tune(number, tune) for number, tune in enumerate(tunes, 1))


def _tune(number: int, tune: Tune) -> str:
    sharps, _ = sharps_of(tune.key)
    lines = [
        f"X:{number}",
        f"T:{_text(tune.title)}",
        f"R:{_text(tune.style)}",
        f"M:{tune.meter or 'none'}",
        f"L:1/{4 * 48 // UNIT}",
        "%%MIDI chordattack 0",
        f"Q:1/4={tune.bpm:.0f}",
        *(f'V:{place} name="{_text(staff.role)}"{_clef(staff)}' for place, staff in _placed(tune)),
        f"K:{MAJOR_KEYS[MAJOR_KEYS.index('C') + sharps]}",
    ]
    channels = iter(PROGRAM_CHANNELS)
    for place, staff in _placed(tune):
        drums = staff.role == DRUMS
        lines += [f"V:{place}", f"%%MIDI channel {DRUM_CHANNEL if drums else next(channels)}"]
        lines += [f"%%MIDI program {staff.program - 1}"] if staff.program and not drums else []
        lines += _music(staff, tune, sharps, letters=place == 1)
    return "\n".join(lines) + "\n"


def _placed(tune: Tune) -> Iterable[tuple[int, Staff]]:
    return enumerate(tune.staves, 1)


def _clef(staff: Staff) -> str:
    if staff.role == DRUMS:
        return " clef=perc"
    pitches = sorted(note.pitch for note in staff.notes)
    return " clef=bass" if pitches and pitches[len(pitches) // 2] < 55 else ""


def _music(staff: Staff, tune: Tune, sharps: int, *, letters: bool) -> Iterator[str]:
    """Yield the lines of music of a part."""
    marks = dict(tune.letters) if letters else {}
    bars = [
        _mark(marks, begin) + _bar(chords, sharps)
        for begin, chords in zip(tune.bars, measures(staff.notes, tune.bars), strict=False)
    ]
    for first in range(0, len(bars), BARS_OF_LINE):
        line = " | ".join(bars[first : first + BARS_OF_LINE])
        yield f"{line} {'|]' if first + BARS_OF_LINE >= len(bars) else '|'}"


def _mark(marks: Mapping[int, str], tick: int) -> str:
    return f"[P:{_text(marks[tick])}]" if tick in marks else ""


def _bar(chords: Sequence[Chord], sharps: int) -> str:
    """Return the signs of a measure; triplets in a row are one group."""
    seen: set[str] = set()
    signs: list[str] = []
    for triplet, group in groupby(chords, key=_in_triplet):
        found = [_chord(chord, sharps, seen) for chord in group]
        number, time = TRIPLET
        signs += [f"({number}:{time}:{len(found)}"] if triplet else []
        signs += found
    return " ".join(signs)


def _in_triplet(chord: Chord) -> bool:
    """Return True if a length is written in a triplet: ABC divides by powers of two alone."""
    return chord.ticks % TRIPLET[0] != 0


def _chord(chord: Chord, sharps: int, seen: set[str]) -> str:
    ticks = Fraction(chord.ticks, UNIT)
    if _in_triplet(chord):
        ticks *= Fraction(*TRIPLET)
    length = _length(ticks)
    # A length behind the bracket of a chord is read differently by programs.
    notes = [
        f"{_pitch(spelled(note.pitch, sharps), sharps, seen)}{length}{'' if note.ends else '-'}"
        for note in chord.notes
    ]
    if not notes:
        return f"z{length}"
    return f"[{''.join(notes)}]" if len(notes) > 1 else notes[0]


def _pitch(name: Spelled, sharps: int, seen: set[str]) -> str:
    """Return a pitch; `seen` are the letters that had an accidental in this measure.

    Programs differ in how far an accidental reaches, so it is repeated wherever one might.
    """
    accidental = ""
    if name.alter != altered(name.letter, sharps) or name.letter in seen:
        seen.add(name.letter)
        accidental = ACCIDENTALS[name.alter]
    above = name.octave - LOWERCASE_FROM
    if above >= 0:
        return f"{accidental}{name.letter.lower()}{chr(39) * above}"
    return f"{accidental}{name.letter}{',' * (-1 - above)}"


def _length(length: Fraction) -> str:
    over = "" if length.numerator == 1 else str(length.numerator)
    return over if length.denominator == 1 else f"{over}/{length.denominator}"


def _text(text: str) -> str:
    """Return a text without what has a meaning in ABC."""
    return visible(text).replace("%", " ").replace('"', "'").replace("\\", "/").strip()
