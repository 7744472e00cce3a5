"""The context of alto, tenor and bass: what the soprano does, now and in the bars to come.

Conventions: T frames up to the end of the phrase; pitches are distances from the `reference`, pitch
classes are 0 to 11 above it, 12 for a rest and 13 for what lies beyond the phrase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from stream.compose.companions.four_parts.line import REST, Line, line
from stream.compose.companions.four_parts.reference import (
    heard,
    reference,
    relative,
    weights,
    within,
)
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Score
from stream.compose.polyphony.frames import Ints
from stream.music.scale import OCTAVE, folded

MARGIN: Final = 64
"""Frames heard before the first one: they tell what the soprano had before, and since when."""
LOWEST: Final = -14
HIGHEST: Final = 22
"""Lowest and highest distance of a soprano from the reference; others are moved by octaves."""
BEYOND: Final = OCTAVE + 1
PITCH_CLASSES: Final = OCTAVE + 2
BEATS_AHEAD: Final = 4
BEAT_FRAMES: Final = 6
BEATS: Final = 4
BARS: Final = 5
BEATS_LEFT: Final = 8
LENGTHS: Final = (1, 2, 3, 4, 6, 8, 12, 16)
"""Lower ends, in frames, of the classes of lengths."""
BAR_LENGTHS: Final = (96, 144, 192)
"""Ticks of the bars that have a class; others have none."""
REGISTER: Final = (56, 71)
"""Lowest and highest reference that is told; others are moved by octaves, so that a melody far up
or down sounds like a soprano."""
COMPOUND: Final = 72
"""Ticks of a beat in compound meters."""
WIDTH: Final = (
    (HIGHEST - LOWEST + 2) + 6 + 2 * len(LENGTHS)
    + (3 + 1 + BEATS_AHEAD) * PITCH_CLASSES
    + 4 * OCTAVE
    + BEAT_FRAMES + BEATS + BARS + 2 * BEATS_LEFT + len(BAR_LENGTHS) + 1
    + OCTAVE + PITCH_CLASSES + 2
)  # fmt: skip
REGISTER_AT: Final = WIDTH - 2
"""Index of the register in a row: octaves from the lowest reference."""


@dataclass(frozen=True, slots=True)
class Place:
    """The frames' places: ticks in the bar, ticks to the end of the phrase, int64 [T] each."""

    score: Score
    first: int
    count: int

    @property
    def left(self) -> Ints:
        """Return the ticks from the start of each frame to the end of the phrase."""
        return self.score.length - self.first - FRAME * np.arange(self.count)

    @property
    def in_bar(self) -> Ints:
        """Return the ticks from the bar line before."""
        return -self.left % self.score.bar


def context(score: Score, first: int, count: int) -> Floats:
    """Return the context [count, WIDTH] of frames of a score, the first at tick `first`."""
    place = Place(score, first, max(count, (score.length - first) // FRAME))
    zero = reference(score)
    notes = heard(score)
    whole = line(notes, first - MARGIN * FRAME, MARGIN + place.count)
    parts = (
        *_sounding(whole, zero),
        *_ahead(whole, zero, place),
        *_chroma(whole, zero, place),
        *_places(place),
        *_form(place, zero),
    )
    return np.concatenate(parts, 1, dtype=np.float32)[:count]


def _one_hot(values: Ints, classes: int) -> Floats:
    """Return classes [T] as rows [T, classes]; a negative value is a row of zeros."""
    out = np.zeros((len(values), classes), np.float32)
    at = np.flatnonzero((values >= 0) & (values < classes))
    out[at, values[at]] = 1
    return out


def _lengths(frames: Ints) -> Floats:
    return _one_hot(np.searchsorted(LENGTHS, frames, "right") - 1, len(LENGTHS))


def _sounding(whole: Line, zero: int) -> tuple[Floats, ...]:
    """Return the soprano's pitch now, what it begins or ends, and the pitch before."""
    pitch, struck = whole.pitch[MARGIN:], whole.struck[MARGIN:]
    distance = within(pitch - zero, LOWEST, HIGHEST)
    at = np.where(pitch == REST, 0, distance - LOWEST + 1)
    starts = whole.starts()
    frames = np.arange(MARGIN, MARGIN + len(pitch))
    begun = np.searchsorted(starts, frames, "right") - 1
    since = np.where(begun >= 0, frames - _at(starts, begun, 0), 0) + 1
    before = np.where(begun > 0, whole.pitch[np.maximum(_at(starts, begun, 0) - 1, 0)], REST)
    interval = np.where((pitch > 0) & (before > 0), pitch - before, 0)
    moves = np.stack([interval > 0, interval < 0, np.abs(interval) > 2, interval == 0], 1)
    now = np.stack([struck, pitch == REST], 1)
    return (
        _one_hot(at, HIGHEST - LOWEST + 2),
        now.astype(np.float32),
        moves.astype(np.float32),
        _lengths(since),
        _one_hot(relative(before, zero), PITCH_CLASSES),
    )


def _at(values: Ints, index: Ints, missing: int) -> Ints:
    """Return `values[index]`, and `missing` where the index is outside."""
    inside = (index >= 0) & (index < len(values))
    padded = np.append(values, missing)
    return padded[np.where(inside, index, len(values))]


def _ahead(whole: Line, zero: int, place: Place) -> tuple[Floats, ...]:
    """Return the time to the next change, the next two pitches, and those of coming beats."""
    total = len(whole.pitch)
    classes = np.append(relative(whole.pitch, zero), BEYOND)
    starts = whole.starts()
    frames = np.arange(MARGIN, total)
    coming = np.searchsorted(starts, frames, "right")
    following = [_at(starts, coming + k, total) for k in range(2)]
    beat = place.score.beat // FRAME
    to_beat = beat - (place.in_bar % place.score.beat) // FRAME
    at = [frames + to_beat + k * beat for k in range(BEATS_AHEAD)]
    at.append(frames + beat // 2)
    rows = [classes[np.minimum(index, total)] for index in (*following, *at)]
    return (_lengths(following[0] - frames), *(_one_hot(row, PITCH_CLASSES) for row in rows))


def _chroma(whole: Line, zero: int, place: Place) -> tuple[Floats, ...]:
    """Return the share of each pitch class in this beat and the next, this bar and the next."""
    sounds = _one_hot(relative(whole.pitch, zero), OCTAVE)
    sums = np.concatenate([np.zeros((1, OCTAVE), np.float32), np.cumsum(sounds, 0)])
    frames, found = np.arange(MARGIN, len(whole.pitch)), []
    for unit in (place.score.beat, place.score.bar):
        size = unit // FRAME
        begin = frames - (place.in_bar % unit) // FRAME
        for k in range(2):
            a, b = (np.clip(begin + n * size, 0, len(sounds)) for n in (k, k + 1))
            found.append((sums[b] - sums[a]) / size)
    return tuple(found)


def _places(place: Place) -> tuple[Floats, ...]:
    """Return the places in beat, bar and phrase, and the meter."""
    score, left = place.score, place.left
    beats_left = (left - 1) // score.beat
    inside = (left <= score.length) & score.closing
    meter = np.full(place.count, BAR_LENGTHS.index(score.bar) if score.bar in BAR_LENGTHS else -1)
    return (
        _one_hot((place.in_bar % score.beat) // FRAME, BEAT_FRAMES),
        _one_hot(np.minimum(place.in_bar // score.beat, BEATS - 1), BEATS),
        _one_hot(np.minimum((left - 1) // score.bar, BARS - 1), BARS),
        _one_hot(beats_left, BEATS_LEFT),
        _one_hot(np.where(inside, beats_left, -1), BEATS_LEFT),
        _one_hot(meter, len(BAR_LENGTHS)),
        np.full((place.count, 1), score.beat == COMPOUND, np.float32),
    )


def _form(place: Place, zero: int) -> tuple[Floats, ...]:
    """Return what is the same in each frame: the scale, the last pitch, the register."""
    notes = heard(place.score)
    scale = np.roll(weights(notes), -zero)
    last = (notes[-1].pitch - zero) % OCTAVE if notes else OCTAVE
    register = (folded(zero, *REGISTER) - REGISTER[0]) / OCTAVE
    same = np.array([register, place.score.closing])
    rows = np.concatenate([scale, _one_hot(np.array([last]), PITCH_CLASSES)[0], same])
    return (np.broadcast_to(rows.astype(np.float32), (place.count, len(rows))),)
