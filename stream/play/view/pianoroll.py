"""The piano roll: turns phrases into rows of colored dots.

A dot is half a character high: the rows are `bytes`, one palette index for each dot, two rows to a
line of text. Time runs to the right over a page that stands still, as a page of a score does: a
note changes twice, when it begins and when it ends. The page is turned at the start of a phrase.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from stream.music.note import TICKS_PER_BEAT, ticks_to_seconds
from stream.play.view import palette
from stream.play.view.part_notes import DRUM_LANES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.play.observer import Slot
    from stream.play.view.part_notes import DrawnNote, SlotNotes

BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
"""Pitch classes of the black keys."""
KEY_DOTS = 2
"""Width of the keyboard at the left edge in dots."""
LANES = len(DRUM_LANES)
"""Number of rows of the drums."""
WIDE = 128
"""Columns from which a beat has eight of them instead of four."""
_PAST, _COMING, _SOUNDING = 5.0, 9.0, 14.0


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


def fit(notes: Sequence[SlotNotes], rows: int) -> Lens:
    """Return a lens that shows every pitched note in the middle of `rows` rows.

    Bounds move by minor thirds, so that the picture seldom jumps.
    """
    lowest, highest = min(each.low for each in notes), max(each.high for each in notes)
    if lowest > highest:
        lowest, highest = 60, 71
    low = (lowest - 1) // 3 * 3
    high = -(-(highest + 1) // 3) * 3
    count = high - low + 1
    magnified = min(max(rows // count, 1), 3)
    crowded = -(-count // rows)
    spare_pitches = rows * crowded // magnified - count
    return Lens(high + spare_pitches // 2, magnified, crowded)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Maps times to the columns of a page."""

    start: float
    """Time at the left edge in seconds, monotonic."""
    step: float
    """Seconds in a column."""
    width: int
    """Number of columns."""

    def column(self, time: float) -> int:
        """Return the column of `time`; it may lie outside the picture."""
        return math.floor((time - self.start) / self.step + 1e-6)


def ruler(slot: Slot, now: float, width: int) -> Ruler:
    """Return the page for `now`, a time in the phrase of `slot`.

    A page holds as many whole bars as have room, and a long phrase pages of equal length. Left and
    right of them it shows the music before and after.
    """
    phrase = slot.phrase
    columns_per_beat = 8 if width >= WIDE else 4
    step = 60.0 / phrase.bpm / columns_per_beat
    margin = width // 8
    room = max((width - 2 * margin) * TICKS_PER_BEAT // columns_per_beat, 1)
    ticks = min(phrase.bar, room)
    bars = max(-(-phrase.length // ticks), 1)
    pages = -(-bars // max(room // ticks, 1))
    ticks *= -(-bars // pages)
    page = min(max(int((now - slot.start) / ticks_to_seconds(ticks, phrase.bpm)), 0), pages - 1)
    start = slot.start + page * ticks_to_seconds(ticks, phrase.bpm)
    return Ruler(start - margin * step, step, width)


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is drawn on one page."""

    slots: Sequence[Slot]
    notes: Sequence[SlotNotes]
    """Notes of each slot."""
    now: float
    """Position of the music (s, monotonic)."""
    ruler: Ruler


def paint(page: Page, lens: Lens, rows: int) -> list[bytes]:
    """Return rows of `KEY_DOTS` + `ruler.width` dots: keyboard, then paper, bar lines and notes."""
    plain, marked = (_paper(paper, page) for paper in palette.PAPERS)
    picture = [bytearray(marked if _has_c(lens, row) else plain) for row in range(rows)]
    now, column, width = page.now, page.ruler.column, page.ruler.width
    active: dict[int, str] = {}
    for drawn in (drawn for each in page.notes for drawn in each.pitched):
        first, last = column(drawn.start), column(drawn.end)
        if drawn.start <= now < drawn.end:
            active[drawn.note.pitch] = drawn.role
        if last < 0 or first >= width:
            continue
        left = max(first, 0)
        dots = _dots(drawn, now, max(last - first, 1))[left - first : width - first]
        for row in lens.rows(drawn.note.pitch):
            if 0 <= row < rows:
                picture[row][left : left + len(dots)] = dots
    return [_keys(lens.pitches(row), active) + bytes(dots) for row, dots in enumerate(picture)]


def paint_drums(page: Page) -> list[bytes]:
    """Return a row for each of `DRUM_LANES`, in which each hit is one dot."""
    picture = [bytearray(_paper(palette.PAPER, page)) for _ in range(LANES)]
    for drawn in (drawn for each in page.notes for drawn in each.drummed):
        column = page.ruler.column(drawn.start)
        if 0 <= column < page.ruler.width:
            picture[drawn.lane][column : column + 1] = _dots(drawn, page.now, 1)
    return [bytes([palette.PAPER]) * KEY_DOTS + bytes(dots) for dots in picture]


def _dots(drawn: DrawnNote, now: float, count: int) -> bytes:
    """Return the dots of a note, brighter while it sounds, and dark once it is over."""
    level = _COMING if now < drawn.start else _SOUNDING if now < drawn.end else _PAST
    return _string(drawn.note.pitch, drawn.role, level + (drawn.note.velocity - 80) / 24, count)


@lru_cache(maxsize=2048)
def _string(pitch: int, role: str, level: float, count: int) -> bytes:
    """Return `count` dots: bright at the onset, then fading like a string."""
    fading = (level + (2.0 if age == 0 else -min(age / 8, 2.0)) for age in range(count))
    return bytes(_color(pitch, role, brightness) for brightness in fading)


def _color(pitch: int, role: str, level: float) -> int:
    return palette.part_color(role, level) if role else palette.note_color(pitch, level)


def _has_c(lens: Lens, row: int) -> bool:
    """Return True if there is a C in the line of text of this row: it has a lighter paper."""
    first = row // 2 * 2
    return any(p % 12 == 0 for at in (first, first + 1) for p in lens.pitches(at))


def _paper(paper: int, page: Page) -> bytes:
    """Return an empty row with bar lines, brighter where a phrase begins."""
    ruler = page.ruler
    row = bytearray([paper]) * ruler.width
    bar_line, phrase_line = palette.BAR + paper, palette.PHRASE + paper
    for slot in page.slots:
        bar = ticks_to_seconds(slot.phrase.bar, slot.phrase.bpm)
        for index in range(-(-slot.phrase.length // slot.phrase.bar)):
            column = ruler.column(slot.start + index * bar)
            if 0 <= column < ruler.width:
                row[column] = bar_line if index else phrase_line
    return bytes(row)


def _keys(pitches: range, active: Mapping[int, str]) -> bytes:
    """Return the keyboard's dots; `active` has the role of each pitch that sounds."""
    for pitch in pitches:
        if pitch in active:
            return bytes([_color(pitch, active[pitch], _SOUNDING)]) * KEY_DOTS
    black = pitches[0] % 12 in BLACK_KEYS
    return bytes([palette.KEY_BLACK if black else palette.KEY]) * KEY_DOTS
