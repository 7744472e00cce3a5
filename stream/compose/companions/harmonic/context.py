"""The context of harmony: the pitch classes of the lead around each frame, and its place.

Conventions: frames of 12 ticks, counted from the end of the phrase, so that a bar line begins a
frame; pitch classes are relative to a tonic; shares of time are from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.harmonic.tonic import Key
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Score
from stream.compose.polyphony.frames import Ints
from stream.music.part import LEAD
from stream.music.scale import OCTAVE

STYLES: Final = ("folk", "hymn", "jazz", "song")
LIKE: Final = {"bach": "hymn", "chorale": "hymn", "blues": "jazz"}
"""Style as which another one is harmonized."""
SLOW: Final = "slow"
"""Style of an ensemble that has a chord a bar at most."""
CALM: Final = 0.1
"""Energy at which a slow style is harmonized."""
BEATS: Final = 4
"""Beats that are heard, this one included."""
NOTE_WINDOWS: Final = 9 + BEATS
PLACES: Final = (6, 6, 5, 5)
"""Classes of the frame in its beat, the beat in its bar, and the bars from either end."""
METERS: Final = (2, 3, 4)
"""Beats in a bar that have an input of their own; others share one."""
FLAGS: Final = 8
WIDTH: Final = OCTAVE * NOTE_WINDOWS + sum(PLACES) + len(METERS) + 1 + len(STYLES) + FLAGS


@dataclass(frozen=True, slots=True)
class Grid:
    """Frames of a score from the tune's begin (or before it) to the phrase's end."""

    first: int
    """Tick of the first frame."""
    count: int
    bar: int
    """Frames in a bar."""
    beat: int
    """Frames in a beat."""
    tune: int
    """Frame in which the tune begins."""
    starts: Ints
    """First frame of each phrase, rising; before them is another tune."""

    def to_bar(self, frames: Ints) -> Ints:
        """Return the place of frames in their bars."""
        found: Ints = (frames - self.count) % self.bar
        return found

    def lines(self, first: int, count: int) -> Ints:
        """Return which of `count` frames begin a bar; the first one is at tick `first`."""
        frames = (first - self.first) // FRAME + np.arange(count)
        return np.flatnonzero(self.to_bar(frames) == 0)

    def phrase_bounds(self, frames: Ints) -> tuple[Ints, Ints]:
        """Return the first frame of each frame's phrase, and the frame after its last one."""
        index = np.searchsorted(self.starts, frames, side="right")
        bounds = np.append(self.starts, self.count)
        return bounds[np.maximum(index - 1, 0)], bounds[np.maximum(index, 1)]


def grid_of(score: Score, earliest: int) -> Grid:
    """Return the grid that reaches back to the tune's begin and to the tick `earliest`."""
    back = max(score.past, -earliest, 0)
    count = -(-(score.length + back) // FRAME)
    first = score.length - count * FRAME
    begins = np.cumsum([-score.past, *score.phrase_lengths])
    starts = (begins[begins <= 0] - first) // FRAME
    bar, beat = (max(ticks // FRAME, 1) for ticks in (score.bar, score.beat))
    tune = int(starts[0])
    return Grid(first, count, bar, min(beat, bar), tune, np.unique([0, *starts.tolist()]))


def heard(score: Score, grid: Grid, key: Key) -> Floats:
    """Return the share of each frame in which each pitch class of the lead sounds [T, 12]."""
    time = np.zeros((grid.count, OCTAVE), np.float32)
    for note in score.notes(LEAD):
        column = (note.pitch - key.tonic) % OCTAVE
        begin, end = note.onset - grid.first, note.end - grid.first
        for frame in range(max(begin // FRAME, 0), min(-(-end // FRAME), grid.count)):
            part = min(end, (frame + 1) * FRAME) - max(begin, frame * FRAME)
            time[frame, column] += part / FRAME
    return time


def context_in(score: Score, first: int, count: int, key: Key) -> Floats:
    """Return the context [count, WIDTH] of frames, the first at tick `first`, in a key."""
    grid = grid_of(score, first)
    frames = (first - grid.first) // FRAME + np.arange(count)
    notes = _notes(heard(score, grid, key), grid, frames)
    return np.concatenate([notes, _place(score, grid, frames, key)], 1, dtype=np.float32)


def _notes(time: Floats, grid: Grid, frames: Ints) -> Floats:
    """Return the pitch classes in windows around each frame [T, 12 NOTE_WINDOWS]."""
    total = np.concatenate([np.zeros((1, OCTAVE)), np.cumsum(time, 0, np.float64)])
    _, end = grid.phrase_bounds(frames)
    place = grid.to_bar(frames)
    bar, beat = frames - place, frames - place % grid.beat
    spans = [(frames, 1), *((beat + i * grid.beat, grid.beat) for i in range(BEATS))]
    spans += [(bar + i * grid.bar, grid.bar) for i in (-1, 0, 1, 2)]
    spans += [(bar, 1), (bar + grid.bar, 1), (end - grid.bar, grid.bar)]
    windows = [_share(total, np.minimum(a, end), np.minimum(a + n, end), n) for a, n in spans]
    tune = total[end] - np.where(frames[:, None] < grid.tune, 0, total[grid.tune])
    windows.append(tune / np.maximum(tune.sum(1, keepdims=True), 1))
    return np.concatenate(windows, 1).astype(np.float32)


def _share(total: NDArray[np.float64], begin: Ints, end: Ints, length: int) -> NDArray[np.float64]:
    """Return the time of each pitch class from `begin` to `end`, as a share of `length` frames."""
    low, high = (np.clip(at, 0, len(total) - 1) for at in (begin, end))
    found: NDArray[np.float64] = (total[high] - total[low]) / length
    return found


def _place(score: Score, grid: Grid, frames: Ints, key: Key) -> Floats:
    """Return the place of each frame, the meter, the style, and flags."""
    start, end = grid.phrase_bounds(frames)
    place = grid.to_bar(frames)
    bar = frames - place
    to_end = -(-(end - bar) // grid.bar) - 1
    from_start = (bar - start + grid.bar - 1) // grid.bar
    indices = (place % grid.beat, place // grid.beat, to_end, from_start)
    hot = [_hot(index, size) for index, size in zip(indices, PLACES, strict=True)]
    beats = grid.bar // grid.beat
    meter = [float(beats == known) for known in METERS] + [float(beats not in METERS)]
    whole = np.array([*meter, *_style(score)], np.float32)
    ends = (end == grid.count) & score.closing
    flags = [
        ends, ends & (to_end == 0), start == grid.tune, place == 0, frames == start,
        np.full(len(frames), key.minor), np.full(len(frames), grid.beat % 3 == 0),
    ]  # fmt: skip
    energy = np.full((len(frames), 1), _energy(score))
    shared = np.broadcast_to(whole, (len(frames), len(whole)))
    return np.concatenate([*hot, shared, np.stack(flags, 1), energy], 1, dtype=np.float32)


def _hot(index: Ints, size: int) -> Floats:
    """Return one-hot rows; what is beyond the last class is in it."""
    return np.eye(size, dtype=np.float32)[np.clip(index, 0, size - 1)]


def style_of(score: Score) -> str:
    """Return the style as which a score is harmonized; empty for an unknown one."""
    for style in (score.style, score.tune_style):
        known = LIKE.get(style, style)
        if known in STYLES:
            return known
    return ""


def _style(score: Score) -> list[float]:
    return [float(style_of(score) == style) for style in STYLES]


def _energy(score: Score) -> float:
    return CALM if score.style == SLOW else score.energy
