"""Parallel fifths and octaves, mended by rule: one of the two parts takes another note.

From left to right, each parallel is mended by the note, in alto, tenor or bass, that costs least: a
tone that makes a chord with the others, near by, without new parallels and crossings. A parallel
stays if nothing costs less. What is chosen among is small, so every choice is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from stream.compose.companions.four_parts.texture import PERFECT, is_chord
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.scale import OCTAVE

PAIRS: Final = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
BASS: Final = 3
REACH: Final = 7
"""Semitones by which a note may move."""
PARALLEL: Final = 8.0
CROSSING: Final = 8.0
WIDE: Final = 2.0
DISCORD: Final = 3.0
THINNER: Final = 1.5
"""Cost of a pitch class that is lost."""
OF_BASS: Final = 1.0
"""Cost of another bass, since it changes the chord's position."""
LEAP: Final = 0.25
"""Cost of a semitone beyond a third in a part's step to or from the note."""
THIRD: Final = 4

Row = list[int]
Limits = Mapping[int, tuple[int, int]]


def mended(pitches: Ints, struck: Flags, limits: Limits) -> list[Row]:
    """Return pitches [T, 4], soprano first, without the parallels that can be mended.

    `struck` [T, 4] tells where notes begin: a whole note moves. `limits` are the lowest and highest
    pitch of each part but the soprano, 1 to 3.
    """
    rows: list[Row] = pitches.tolist()
    begins = struck.tolist()
    for at in range(1, len(rows)):
        if rows[at] != rows[at - 1] and _parallels(rows[at - 1], rows[at]):
            _mend(rows, begins, at, limits)
    return rows


def _mend(rows: list[Row], begins: Sequence[list[bool]], at: int, limits: Limits) -> None:
    least = _cost(rows, at, at + 1)
    best: tuple[int, int, int] | None = None
    moving = {p for pair in _parallels(rows[at - 1], rows[at]) for p in pair if p}
    for part, end, pitch in _options(rows, begins, at, moving, limits):
        old = rows[at][part]
        _set(rows, part, (at, end), pitch)
        cost = _cost(rows, at, end) + _of_step(rows, part, at, end, old)
        cost += OF_BASS * (part == BASS)
        _set(rows, part, (at, end), old)
        if cost < least:
            least, best = cost, (part, end, pitch)
    if best is not None:
        part, end, pitch = best
        _set(rows, part, (at, end), pitch)


def _options(
    rows: list[Row], begins: Sequence[list[bool]], at: int, moving: set[int], limits: Limits
) -> Iterator[tuple[int, int, int]]:
    """Yield part, last frame + 1 and pitch of each note that may stand in the frame."""
    for part in sorted(moving):
        old, end = rows[at][part], at + 1
        while end < len(rows) and rows[end][part] == old and not begins[end][part]:
            end += 1
        low, high = limits[part]
        for pitch in range(max(old - REACH, low), min(old + REACH, high) + 1):
            if pitch != old:
                yield part, end, pitch


def _set(rows: list[Row], part: int, span: tuple[int, int], pitch: int) -> None:
    for row in rows[span[0] : span[1]]:
        row[part] = pitch


def _parallels(before: Row, after: Row) -> list[tuple[int, int]]:
    """Return the pairs of parts that move in parallel fifths, octaves or unisons."""
    found = []
    for one, other in PAIRS:
        a, b, c, d = before[one], before[other], after[one], after[other]
        if a and b and c and d and (c - a) * (d - b) > 0:
            interval = abs(a - b) % OCTAVE
            if interval in PERFECT and abs(c - d) % OCTAVE == interval:
                found.append((one, other))
    return found


def _cost(rows: list[Row], begin: int, end: int) -> float:
    """Return what is wrong in frames, and at the step into the one after them."""
    cost, before = 0.0, rows[begin - 1]
    for index in range(begin, min(end + 1, len(rows))):
        row = rows[index]
        if row == before:
            continue
        cost += PARALLEL * len(_parallels(before, row))
        if index < end:
            cost += _of_chord(row)
        before = row
    return cost


def _of_chord(row: Row) -> float:
    """Return what is wrong in one chord."""
    soprano, alto, tenor, bass = row
    sounding = [pitch for pitch in row if pitch]
    cost = CROSSING * sum(a < b for a, b in pairwise(sounding))
    cost += WIDE * ((soprano - alto > OCTAVE) + (alto - tenor > OCTAVE)) if tenor and bass else 0.0
    cost += 0.0 if is_chord(sounding) else DISCORD
    return cost - THINNER * len({pitch % OCTAVE for pitch in sounding})


def _of_step(rows: list[Row], part: int, at: int, end: int, old: int) -> float:
    """Return the cost of a part's steps to and from a note, beyond those of the old note."""
    around = [rows[at - 1][part]] + ([rows[end][part]] if end < len(rows) else [])
    now = rows[at][part]
    return LEAP * sum(
        max(abs(now - p) - THIRD, 0) - max(abs(old - p) - THIRD, 0) for p in around if p
    )
