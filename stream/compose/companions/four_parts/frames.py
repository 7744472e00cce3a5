"""Frames of alto, tenor and bass: which parts strike, and the pitch of each, from the bass up.

The first head is a set of parts, those that strike a note in this frame; it makes a repeated note
something else than a held one. The others are pitches: class 0 is a rest, class c >= 1 lies
c - 1 + `LOWEST` semitones above the `reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.accents import velocity
from stream.compose.companions.four_parts.line import REST, Line, line
from stream.compose.companions.four_parts.mending import mended
from stream.compose.companions.four_parts.reference import heard, reference, within
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import ALTO, BASS, COMPANION_PARTS, TENOR
from stream.music.scale import OCTAVE, folded

ORDER: Final = (BASS, TENOR, ALTO)
"""Roles in the order of their heads."""
SILENT: Final = 0
LOWEST: Final = -36
HIGHEST: Final = 20
"""Lowest and highest distance of a part from the reference; others are moved by octaves."""
PITCHES: Final = HIGHEST - LOWEST + 2
RANGES: Final[Mapping[str, tuple[int, int]]] = {BASS: (36, 62), TENOR: (48, 69), ALTO: (53, 76)}
"""Lowest and highest pitch of the voices of a choir, by role."""
QUARTET: Final = "quartet"
"""Style of a string quartet."""
STRINGS: Final[Mapping[str, tuple[int, int]]] = {BASS: (36, 67), TENOR: (48, 79), ALTO: (55, 88)}
"""Lowest and highest pitch of cello, viola and second violin."""
OCTAVES: Final = (0, -12, 12, -24, 24)
"""Semitones by which a whole part may be moved."""
HEADS: Final = (2 ** len(ORDER), *[PITCHES] * len(ORDER))


def encode(score: Score, first: int, count: int) -> Ints:
    """Return the frames [count, 4] of a score's alto, tenor and bass, the first at tick `first`."""
    zero = reference(score)
    out = np.zeros((count, len(HEADS)), np.int64)
    for index, role in enumerate(ORDER):
        part = line(score.notes(role), first, count)
        out[:, 0] += part.struck << index
        out[:, index + 1] = _classes(part.pitch, zero)
    return out


def _classes(pitch: Ints, zero: int) -> Ints:
    return np.where(pitch == REST, SILENT, within(pitch - zero, LOWEST, HIGHEST) - LOWEST + 1)


def lines(frames: Ints, zero: int) -> list[Line]:
    """Return the part of each role in `ORDER` in frames [T, 4]; a new pitch always strikes."""
    found = []
    for index in range(len(ORDER)):
        token = frames[:, index + 1]
        pitch = np.where(token == SILENT, REST, token - 1 + LOWEST + zero)
        begins = ((frames[:, 0] >> index) & 1) > 0
        begins |= np.diff(pitch, prepend=REST) != 0
        found.append(Line(pitch, begins & (pitch != REST)))
    return found


def decode(frames: Ints, score: Score) -> dict[str, Notes]:
    """Return the notes by role of frames [T, 4] that end with the phrase.

    A part out of its range is moved by octaves, first as a whole, then note by note. Parallels are
    mended, but not in a quartet, whose parts often double each other.
    """
    first = score.length - FRAME * len(frames)
    ranges = ranges_of(score)
    parts = [
        Line(fitted(part.pitch, *ranges[role]), part.struck)
        for role, part in zip(ORDER, lines(frames, reference(score)), strict=True)
    ]
    if score.style != QUARTET:
        parts = _without_parallels(parts, score, first)
    return {role: _notes(part, role, first, score) for role, part in zip(ORDER, parts, strict=True)}


def _without_parallels(parts: Sequence[Line], score: Score, first: int) -> list[Line]:
    """Return the parts with their parallels mended; the soprano stays as it is."""
    soprano = line(heard(score), first, len(parts[0].pitch))
    whole = [soprano, *reversed(parts)]
    pitch, struck = (np.stack([getattr(p, n) for p in whole], 1) for n in ("pitch", "struck"))
    ranges = ranges_of(score)
    limits = {index: ranges[role] for index, role in enumerate(reversed(ORDER), 1)}
    rows = np.array(mended(pitch, struck, limits), np.int64).reshape(-1, len(whole))
    return [Line(rows[:, k], struck[:, k]) for k in range(len(parts), 0, -1)]


def ranges_of(score: Score) -> Mapping[str, tuple[int, int]]:
    """Return the lowest and the highest pitch of each role, in its style, on its instrument."""
    ranges = STRINGS if score.style == QUARTET else RANGES
    found = {}
    for role, (lowest, highest) in ranges.items():
        low, high = max(lowest, score.low), min(highest, score.high)
        found[role] = (low, high) if high - low >= OCTAVE else (score.low, score.high)
    return found


def fitted(pitch: Ints, low: int, high: int) -> Ints:
    """Return a line [T] within a range, moved by as few octaves as possible."""
    sounds = pitch[pitch != REST]
    excess = [_excess(sounds + octaves, low, high) for octaves in OCTAVES]
    moved = pitch + OCTAVES[int(np.argmin(excess))]
    inside = [folded(each, low, high) for each in moved.tolist()]
    return np.where(pitch == REST, REST, inside)


def _excess(pitch: Ints, low: int, high: int) -> int:
    return int(np.maximum(np.maximum(low - pitch, pitch - high), 0).sum())


def _notes(part: Line, role: str, first: int, score: Score) -> Notes:
    """Return the notes of a line; none begins before the phrase."""
    ends = np.append(part.starts(), len(part.pitch))
    channel, unit = (
        COMPANION_PARTS[role],
        score.beat // 3 if score.beat % 9 == 0 else TICKS_PER_BEAT,
    )
    found = []
    for begin, end in pairwise(ends.tolist()):
        pitch = int(part.pitch[begin])
        onset = max(first + FRAME * begin, 0)
        if pitch != REST:
            place = (onset - score.length) % score.bar
            loud = velocity(place * 12 // unit, score.bar // unit)
            found.append(Note(onset, first + FRAME * end - onset, pitch, loud, channel))
    return tuple(found)
