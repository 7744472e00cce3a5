"""The piano roll: turns phrases into rows of colored dots.

A dot is half a character high: the rows are `bytes`, one palette index for each dot, two rows to a
line of text. Time runs to the right; the past is left of the playhead, queued music right of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.note import ticks_to_seconds
from stream.play.view import palette
from stream.play.view.part_notes import DRUM_LANES, DrawnNote, drummed, pitched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.play.observer import Slot

BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
"""Pitch classes of the black keys."""
KEY_DOTS = 2
"""Width of the keyboard at the left edge in dots."""
LANES = len(DRUM_LANES)
"""Number of rows of the drums."""
_PAST, _COMING, _SOUNDING = 7.0, 9.5, 14.0


@dataclass(frozen=True, slots=True)
class Lens:
    """Maps pitches to rows."""

    top: int
    """Pitch of the first row."""
    rows_per_pitch: int = 1
    pitches_per_row: int = 1
    """One of the two is 1: rows are repeated, or pitches share a row."""

    def rows(self, pitch: int) -> range:
        """Return the rows of MIDI note `pitch`; some may lie outside the picture."""
        first = (self.top - pitch) // self.pitches_per_row * self.rows_per_pitch
        return range(first, first + self.rows_per_pitch)

    def pitches(self, row: int) -> range:
        """Return the pitches that share `row`, from low to high."""
        highest = self.top - row // self.rows_per_pitch * self.pitches_per_row
        return range(highest - self.pitches_per_row + 1, highest + 1)


def fit(slots: Sequence[Slot], rows: int) -> Lens:
    """Return a lens that shows every pitched note of `slots` in the middle of `rows` rows.

    Bounds move by minor thirds, so that the picture seldom jumps.
    """
    pitches = [drawn.note.pitch for drawn in pitched(slots)] or [60, 71]
    low = (min(pitches) - 1) // 3 * 3
    high = -(-(max(pitches) + 1) // 3) * 3
    count = high - low + 1
    magnified = min(max(rows // count, 1), 3)
    crowded = -(-count // rows)
    spare_pitches = rows * crowded // magnified - count
    return Lens(high + spare_pitches // 2, magnified, crowded)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Maps times to columns. Columns stay fixed between two steps of the roll."""

    start: float
    """Time at the left edge in seconds, monotonic."""
    step: float
    """Seconds in a column."""
    width: int
    """Number of columns."""
    playhead: int
    """Column of the current time."""

    def column(self, time: float) -> int:
        """Return the column of `time`; it may lie outside the picture."""
        return math.floor((time - self.start) / self.step + 1e-6)


def ruler(now: float, origin: float, bpm: float, width: int) -> Ruler:
    """Return a ruler with the playhead at the first quarter, aligned to beats from `origin` on."""
    columns_per_beat = 8 if width >= 128 else 4
    step = 60.0 / bpm / columns_per_beat
    playhead = width // 4
    passed = int((now - origin) / step)
    return Ruler(origin + (passed - playhead) * step, step, width, playhead)


def paint(slots: Sequence[Slot], now: float, ruler: Ruler, lens: Lens, rows: int) -> list[bytes]:
    """Return rows of `KEY_DOTS` + `ruler.width` dots: keyboard, then paper, bar lines and notes."""
    papers = [_paper(paper, slots, ruler) for paper in palette.PAPERS]
    picture = [bytearray(papers[_paper_index(lens.pitches(row))]) for row in range(rows)]
    active: dict[int, str] = {}
    for drawn in pitched(slots):
        pitch, is_active = drawn.note.pitch, drawn.start <= now < drawn.end
        first, last = ruler.column(drawn.start), ruler.column(drawn.end)
        if last < 0 or first >= ruler.width:
            continue
        if is_active:
            active[pitch] = drawn.role
        dots = _dots(drawn, ruler, range(first, max(last, first + 1)), is_active=is_active)
        left = max(first, 0)
        for row in lens.rows(pitch):
            if 0 <= row < rows:
                picture[row][left : left + len(dots)] = dots
    return [_keys(lens.pitches(row), active) + bytes(dots) for row, dots in enumerate(picture)]


def paint_drums(slots: Sequence[Slot], now: float, ruler: Ruler) -> list[bytes]:
    """Return a row for each of `DRUM_LANES`, in which each hit is one dot."""
    picture = [bytearray(_paper(palette.PAPERS[lane % 2], slots, ruler)) for lane in range(LANES)]
    for drawn in drummed(slots):
        column = ruler.column(drawn.start)
        if 0 <= column < ruler.width:
            is_active = drawn.start <= now < drawn.end
            columns = range(column, column + 1)
            picture[drawn.lane][column : column + 1] = _dots(
                drawn, ruler, columns, is_active=is_active
            )
    return [bytes([palette.PAPER]) * KEY_DOTS + bytes(dots) for dots in picture]


def _dots(drawn: DrawnNote, ruler: Ruler, columns: range, *, is_active: bool) -> bytes:
    """Return the visible dots of a note: bright at the onset, then fading like a string."""
    loudness = (drawn.note.velocity - 80) / 24
    dots = bytearray()
    for column in columns[max(-columns.start, 0) : ruler.width - columns.start]:
        age = column - columns.start
        level = _brightness(ruler, column, is_active=is_active) + (
            2.0 if age == 0 else -min(age / 8, 2.0)
        )
        dots.append(_color(drawn.note.pitch, drawn.role, level + loudness))
    return bytes(dots)


def _color(pitch: int, role: str, level: float) -> int:
    return palette.part_color(role, level) if role else palette.note_color(pitch, level)


def _brightness(ruler: Ruler, column: int, *, is_active: bool) -> float:
    if is_active:
        return _SOUNDING
    if column >= ruler.playhead:
        return _COMING
    return _PAST * (0.45 + 0.55 * column / ruler.playhead)


def _paper_index(pitches: range) -> int:
    """Return an index into `PAPERS`: as on a keyboard, with every C a little lighter."""
    if any(pitch % 12 == 0 for pitch in pitches):
        return 2
    return 1 if pitches[0] % 12 in BLACK_KEYS else 0


def _paper(paper: int, slots: Sequence[Slot], ruler: Ruler) -> bytes:
    """Return an empty row: bar lines, brighter where a phrase begins, and the playhead."""
    row = bytearray([paper]) * ruler.width
    for slot in slots:
        bar = ticks_to_seconds(slot.phrase.bar, slot.phrase.bpm)
        for index in range(-(-slot.phrase.length // slot.phrase.bar)):
            column = ruler.column(slot.start + index * bar)
            if 0 <= column < ruler.width:
                row[column] = palette.BAR if index else palette.PHRASE
    row[ruler.playhead] = palette.PLAYHEAD
    return bytes(row)


def _keys(pitches: range, active: Mapping[int, str]) -> bytes:
    """Return the keyboard's dots; `active` has the role of each pitch that sounds."""
    for pitch in pitches:
        if pitch in active:
            return bytes([_color(pitch, active[pitch], _SOUNDING)]) * KEY_DOTS
    black = pitches[0] % 12 in BLACK_KEYS
    return bytes([palette.KEY_BLACK if black else palette.KEY]) * KEY_DOTS
