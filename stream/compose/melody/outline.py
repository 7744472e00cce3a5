"""The outline of a tune: all of its form, and none of its notes.

An outline is taken from a real tune: meter, mode, dance, key and tempo, the strains in the order in
which they are played, and for each written bar whether it returns to an earlier one, how many notes
it has and how high they are. Repeated strains are written once. A voice stores outlines as text,
one line a tune:

    8x24 4/4;major;reel;2;180;0 0 1 1;4 4;.3 ~1 .2 =4*2;88768875;44454443;1:16 8:8 1:8 6:16 1:24

are the bar, eight units of 24 ticks, with the meter, then the mode, the dance, the key, the tempo
(0 if unknown), the strains as played, the bars of each written strain, the returns, the notes of
each bar, its register and the chords. A return is a run of bars: `.` for new ones, `~8` for one
similar to the bar eight bars before, `=8*4` for four equal to it. The notes of a bar are a digit
or, from ten on, a letter. A register is the mean pitch in steps of three semitones. A chord is its
class and its length in units, `25:8`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from string import ascii_lowercase, digits
from typing import Final

from stream.compose.polyphony.voicing import CLASSES

NEW, SIMILAR, EQUAL = range(3)
"""Degrees of likeness of a bar to an earlier one."""
SIGNS: Final = ".~="
"""The sign of each degree."""
PHRASE_BARS: Final = 4
DIGITS: Final = digits + ascii_lowercase
"""Signs of the notes of a bar."""
COUNT: Final = {sign: count for count, sign in enumerate(DIGITS)}
MOST_NOTES: Final = len(DIGITS) - 1
REGISTERS: Final = 10
"""Classes of register."""
REGISTER: Final = 3
LOWEST: Final = 51
"""Semitones of a class, and the pitch at which the lowest begins, in the voice's register."""
MOST_BARS: Final = 9999
CACHED: Final = 1024
"""Texts of chords and runs that are kept parsed: the outlines of a voice repeat the same few."""
RUN: Final = re.compile(r"(\.)([1-9]\d{0,3})?|([~=])([1-9]\d{0,3})(?:\*([1-9]\d{0,3}))?")
CHORD: Final = re.compile(r"(\d{1,3}):([1-9]\d{0,4})")
LINE: Final = re.compile(
    r"[1-9]\d?x[1-9]\d{1,2}( \d{1,2}/\d{1,2})?;[a-z]*;[a-z ]*;-?\d{1,2};\d{1,3};"
    r"[\d ]*;[\d ]*;[\d .~=*]*;[\da-z]*;\d*;[\d :]*"
)


@dataclass(frozen=True, slots=True)
class Return:
    """A written bar's relation to an earlier one."""

    lag: int = 0
    """Bars back to the earlier one; 0 for a new bar."""
    likeness: int = NEW


@dataclass(frozen=True, slots=True)
class Outline:
    """The form of a tune."""

    bar: int
    """Units in a bar."""
    unit: int
    """Ticks in a unit."""
    mode: str
    meter: str = ""
    """Meter as it is written, such as `3/4`; empty if unknown."""
    kind: str = ""
    """Type of the dance; empty if unknown."""
    key: int = 0
    """Semitones from the voice's register, whose tonic is C, to the key of the tune."""
    tempo: int = 0
    """Quarter notes a minute; 0 if unknown."""
    strains: tuple[int, ...] = (0,)
    """Number of each strain, in the order in which they are played."""
    lengths: tuple[int, ...] = ()
    """Bars of each written strain."""
    returns: tuple[Return, ...] = ()
    """The relation of each written bar to an earlier one."""
    counts: tuple[int, ...] = ()
    """Notes that begin in each written bar."""
    registers: tuple[int, ...] = ()
    """Mean pitch of each written bar, in classes of `REGISTER` semitones from `LOWEST` on."""
    chords: tuple[tuple[int, int], ...] = ()
    """Class and length in units of each chord of the written tune; empty without chords."""

    @property
    def bars(self) -> int:
        """The number of written bars."""
        return len(self.returns)

    def phrases(self) -> tuple[int, ...]:
        """Return the first written bar of each phrase of four bars, in the order of playing."""
        begins = list(accumulate(self.lengths, initial=0))
        return tuple(
            bar
            for strain in self.strains
            for bar in range(begins[strain], begins[strain + 1], PHRASE_BARS)
        )


def parsed(line: str) -> Outline:
    """Return the outline in a line of text. Raises `ValueError` if it is not one."""
    if not LINE.fullmatch(line):
        raise ValueError(f"{line[:40]!r} is not the outline of a tune")
    bars, mode, kind, key, tempo, strains, lengths, runs, counts, registers, chords = line.split(
        ";"
    )
    size, _, meter = bars.partition(" ")
    bar, unit = map(int, size.split("x"))
    outline = Outline(
        bar,
        unit,
        mode,
        meter,
        kind,
        int(key),
        int(tempo),
        tuple(map(int, strains.split())),
        tuple(map(int, lengths.split())),
        tuple(itertools.islice(_returns(runs), MOST_BARS + 1)),
        tuple(map(COUNT.__getitem__, counts)),
        tuple(map(int, registers)),
        tuple(_chord(chord) for chord in chords.split()),
    )
    _check(outline)
    return outline


def _returns(runs: str) -> Iterator[Return]:
    for run in runs.split():
        yield from itertools.repeat(*_run(run))


@lru_cache(CACHED)
def _run(text: str) -> tuple[Return, int]:
    found = RUN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a run of bars such as .4 or =8*4")
    new, count, sign, lag, times = found.groups()
    if new:
        return Return(), int(count or 1)
    return Return(int(lag), SIGNS.index(sign)), int(times or 1)


@lru_cache(CACHED)
def _chord(text: str) -> tuple[int, int]:
    found = CHORD.fullmatch(text)
    if found is None or int(found[1]) >= CLASSES:
        raise ValueError(f"{text[:40]!r} is not a chord such as 25:8")
    return int(found[1]), int(found[2])


def _check(outline: Outline) -> None:
    """Raise `ValueError` for an outline whose parts do not fit together."""
    strains, bars = outline.strains, outline.bars
    if bars > MOST_BARS:
        raise ValueError(f"an outline has more than {MOST_BARS} bars")
    if not strains or max(strains) >= len(outline.lengths) or min(outline.lengths) < 1:
        raise ValueError("the strains of an outline have no bars")
    if not (sum(outline.lengths) == bars == len(outline.counts) == len(outline.registers)):
        raise ValueError("the strains and the bars of an outline do not fit together")
    if any(each.lag > at for at, each in enumerate(outline.returns)):
        raise ValueError("a bar of an outline returns to one before its first")


def line(outline: Outline) -> str:
    """Return the text of an outline: the inverse of `parsed`."""
    return ";".join(
        (
            f"{outline.bar}x{outline.unit} {outline.meter}".strip(),
            outline.mode,
            outline.kind,
            str(outline.key),
            str(outline.tempo),
            " ".join(map(str, outline.strains)),
            " ".join(map(str, outline.lengths)),
            " ".join(_runs(outline.returns)),
            "".join(DIGITS[count] for count in outline.counts),
            "".join(map(str, outline.registers)),
            " ".join(f"{chord}:{length}" for chord, length in outline.chords),
        )
    )


def _runs(returns: Sequence[Return]) -> Iterator[str]:
    for each, run in itertools.groupby(returns):
        count = len(list(run))
        if each.likeness == NEW:
            yield f"{SIGNS[NEW]}{count}" if count > 1 else SIGNS[NEW]
        else:
            yield f"{SIGNS[each.likeness]}{each.lag}" + (f"*{count}" if count > 1 else "")
