"""The context of the drums: the place in bar and phrase, tempo, energy, style, lead and bass.

The place in the bar is one of three rows of sixteenths: of a bar of four beats, of three, and of
two compound ones. Bars of two beats, or of one compound one, are taken in pairs; longer ones begin
again at their last half. Both are rules, made where drummers' recordings have no such meters.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import BASS, LEAD

STYLES: Final = (
    "rock", "funk", "jazz", "latin", "hiphop", "soul", "punk", "secondline", "shuffle", "pop",
    "light", "other",
)  # fmt: skip
"""Styles of drumming; `light` is soft and sparse playing of any style."""
TUNE_STYLES: Final = {
    "folk": "light", "hymn": "light", "bach": "light", "song": "pop", "blues": "shuffle",
    "jazz": "jazz",
}  # fmt: skip
"""Style of the drums for a tune whose ensemble asks for none."""
BAR_TICKS: Final = 192
COMPOUND: Final = 72
"""Ticks of a beat in compound meters."""
ROWS: Final = (16, 12, 12)
"""Frames of the rows of places: four beats, three beats, two compound beats."""
TEMPI: Final = (60.0, 85.0, 110.0, 140.0, 190.0)
"""Quarter notes a minute between which the tempo is interpolated."""
ENERGIES: Final = (0.0, 0.33, 0.67, 1.0)
BARS: Final = 4
"""Bars that are told apart from either end of a phrase."""
AHEAD: Final = 2
"""Features of an onset of another part: now, and in the next beat."""
WIDTH: Final = (
    sum(ROWS) + 2 * BARS + 1 + len(TEMPI) + len(ENERGIES) + len(STYLES) + 2 * (1 + AHEAD) + 1
)


def heard(score: Score, first: int, count: int) -> Floats:
    """Return the context [count, WIDTH] of frames of the score, the first at tick `first`."""
    ticks = first + FRAME * np.arange(count)
    style = STYLES.index(name) if (name := style_of(score)) else -1
    columns = (
        _one_hot(places(score, ticks), sum(ROWS)),
        _phrase(score, ticks),
        _spread(np.log2(TEMPI), np.log2(score.bpm), count),
        _spread(np.array(ENERGIES), score.energy, count),
        _one_hot(np.full(count, style), len(STYLES)),
        _part(score, BASS, ticks),
        _part(score, LEAD, ticks),
        np.full((count, 1), _density(score), np.float32),
    )
    return np.concatenate(columns, 1)


def style_of(score: Score) -> str:
    """Return the style of the drums; empty: any."""
    wanted = score.style if score.style in STYLES else TUNE_STYLES.get(score.tune_style, "")
    return wanted if wanted in STYLES else ""


def places(score: Score, ticks: Ints) -> Ints:
    """Return the place of each tick in its bar: an index into the three rows, one after another."""
    bar = score.bar
    compound = score.beat == COMPOUND
    whole = 2 * COMPOUND if compound else BAR_TICKS
    while 2 * bar <= whole:
        bar *= 2
    at = (ticks - score.length) % bar // FRAME
    row = 2 if compound else 1 if bar == 3 * score.beat else 0
    size = ROWS[row]
    at = np.where(at < size, at, size // 2 + at % (size // 2))
    return np.asarray(at + sum(ROWS[:row]))


def _phrase(score: Score, ticks: Ints) -> Floats:
    """Return bars since the begin of the phrase and to its end, and whether it closes the tune."""
    turns = [-score.past]
    for length in score.phrase_lengths:
        turns.append(turns[-1] + length)
    bounds = np.array([*turns, score.length])
    phrase = np.clip(np.searchsorted(bounds, ticks, side="right") - 1, 0, len(bounds) - 2)
    since = (ticks - bounds[phrase]) // score.bar
    left = (bounds[phrase + 1] - ticks - 1) // score.bar
    closing = np.asarray((ticks >= bounds[-2]) & score.closing, np.float32)
    rows = [_one_hot(np.clip(bars, 0, BARS - 1), BARS) for bars in (since, left)]
    return np.concatenate([*rows, closing[:, None]], 1)


def _part(score: Score, role: str, ticks: Ints) -> Floats:
    """Return whether a part plays in the phrase, and strikes now and within the next beat."""
    notes = score.notes(role)
    found = np.zeros((len(ticks), 1 + AHEAD), np.float32)
    if not any(0 <= note.onset < score.length for note in notes):
        return found
    ahead = score.beat // FRAME
    struck = _struck(notes, int(ticks[0]) if len(ticks) else 0, len(ticks) + ahead, score.length)
    found[:, 0] = 1
    found[:, 1] = struck[: len(ticks)]
    found[:, 2] = np.lib.stride_tricks.sliding_window_view(struck[1:], ahead).max(1)
    return found


def _struck(notes: tuple[Note, ...], first: int, count: int, end: int) -> Floats:
    """Return 1 [count] for each frame in which a note of the phrase or its past begins."""
    struck = np.zeros(count, np.float32)
    for note in notes:
        frame = (note.onset - first + FRAME // 2) // FRAME
        if 0 <= frame < count and note.onset < end:
            struck[frame] = 1
    return struck


def _density(score: Score) -> float:
    """Return the lead's notes a beat in the phrase, of four at most, as a share."""
    notes = sum(0 <= note.onset < score.length for note in score.notes(LEAD))
    return min(notes * score.beat / max(score.length, 1) / 4, 1.0)


def _one_hot(classes: Ints, count: int) -> Floats:
    """Return [T, count]; zeros for a class below 0."""
    return np.asarray(classes[:, None] == np.arange(count), np.float32)


def _spread(points: np.ndarray, value: float, count: int) -> Floats:
    """Return [count, points] the weights with which a value is interpolated between points."""
    weights = [np.interp(value, points, row) for row in np.eye(len(points))]
    return np.tile(np.array(weights, np.float32), (count, 1))
