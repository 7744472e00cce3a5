"""The piano roll: turns phrases into rows of colored dots.

A dot is half a character high: the rows are `bytes`, one palette index for each dot, two rows to a
line of text. Time runs to the right; the past is left of the playhead, queued music right of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.note import TENTHS, ticks_to_seconds
from stream.play.view import palette

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stream.music.note import Note
    from stream.play.observer import Slot

BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
"""Pitch classes of the black keys."""
KEY_DOTS = 2
"""Width of the keyboard at the left edge in dots."""
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
    """Return a lens that shows every note of `slots` in the middle of `rows` rows.

    Bounds move by minor thirds, so that the picture seldom jumps.
    """
    pitches = [note.pitch for slot in slots for note in slot.phrase.notes] or [60, 71]
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
    active_pitches = set()
    for note, start, end in _timed_notes(slots):
        first, last = ruler.column(start), ruler.column(end)
        if last < 0 or first >= ruler.width:
            continue
        if start <= now < end:
            active_pitches.add(note.pitch)
        dots = _dots(note, ruler, range(first, max(last, first + 1)), is_active=start <= now < end)
        left = max(first, 0)
        for row in lens.rows(note.pitch):
            if 0 <= row < rows:
                picture[row][left : left + len(dots)] = dots
    return [
        _keys(lens.pitches(row), active_pitches) + bytes(dots) for row, dots in enumerate(picture)
    ]


def _timed_notes(slots: Sequence[Slot]) -> Iterator[tuple[Note, float, float]]:
    for slot in slots:
        bpm = slot.phrase.bpm
        for note in slot.phrase.notes:
            onset, end = note.played_onset / TENTHS, note.played_end / TENTHS
            start = slot.start + ticks_to_seconds(onset, bpm)
            yield note, start, start + ticks_to_seconds(end - onset, bpm)


def _dots(note: Note, ruler: Ruler, columns: range, *, is_active: bool) -> bytes:
    """Return the visible dots of a note: bright at the onset, then fading like a string."""
    loudness = (note.velocity - 80) / 24
    dots = bytearray()
    for column in columns[max(-columns.start, 0) : ruler.width - columns.start]:
        age = column - columns.start
        level = _brightness(ruler, column, is_active=is_active) + (
            2.0 if age == 0 else -min(age / 8, 2.0)
        )
        dots.append(palette.note_color(note.pitch, level + loudness))
    return bytes(dots)


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


def _keys(pitches: range, active_pitches: Collection[int]) -> bytes:
    for pitch in pitches:
        if pitch in active_pitches:
            return bytes([palette.note_color(pitch, _SOUNDING)]) * KEY_DOTS
    black = pitches[0] % 12 in BLACK_KEYS
    return bytes([palette.KEY_BLACK if black else palette.KEY]) * KEY_DOTS
