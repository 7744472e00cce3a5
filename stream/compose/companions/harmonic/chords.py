"""Chords of a phrase as frames, and as notes.

Conventions: chords int64 [T] are classes of `stream.compose.polyphony.voicing`, one a frame; frames
int64 [T, 3] have the heads `CHANGES`, `ROOTS` and `QUALITIES`. A chord holds from beat to beat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.companions.harmonic.context import Grid
from stream.compose.companions.harmonic.tonic import Key
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony import voicing
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.voicing import NO_CHORD, Pitches
from stream.music.note import Note
from stream.music.scale import OCTAVE, folded

CHANGES: Final = 2
"""The chord of the frame before goes on, or another one begins."""
ROOTS: Final = 1 + OCTAVE
"""No chord, and the semitones from the tonic to the root."""
QUALITIES: Final = 1 + len(voicing.QUALITIES)
"""No chord, and the qualities."""
HEADS: Final = (CHANGES, ROOTS, QUALITIES)


def tokens(chords: Ints, before: int, key: Key) -> Ints:
    """Return the frames [T, 3] of chords; `before` is the chord before them."""
    quality, root = np.divmod(chords - 1, OCTAVE)
    some = chords != NO_CHORD
    changes = np.diff(chords, prepend=before) != 0
    roots = np.where(some, 1 + (root - key.tonic) % OCTAVE, 0)
    return np.stack([changes, roots, np.where(some, 1 + quality, 0)], 1).astype(np.int64)


def chords_of(frames: Ints, key: Key) -> Ints:
    """Return the chord that the tokens of each frame name; none where root or quality lacks."""
    roots, qualities = frames[:, 1], frames[:, 2]
    found = 1 + OCTAVE * (qualities - 1) + (roots - 1 + key.tonic) % OCTAVE
    return np.where((roots > 0) & (qualities > 0), found, NO_CHORD)


def sections(grid: Grid, first: int, count: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of `count` frames from `first` on, cut into beats or bars of `length`."""
    place = grid.to_bar(first + np.arange(count)) % length
    cuts = np.flatnonzero(place == 0).tolist()
    yield from pairwise(sorted({0, *cuts, count}))


def by_beat(chords: Ints, grid: Grid, first: int) -> Ints:
    """Return chords that change at beats only: the one that lasts longest in each."""
    out = np.empty(len(chords), np.int64)
    for begin, end in sections(grid, first, len(chords), grid.beat):
        out[begin:end] = Counter(chords[begin:end].tolist()).most_common(1)[0][0]
    return out


def steadied(chords: Ints, grid: Grid, cut: tuple[int, int], before: int) -> Ints:
    """Return chords that begin with a beat or a bar; only before the first one is silence.

    `cut` is the number of the first frame, and the frames in a beat or a bar; `before` is the chord
    before the phrase.
    """
    out = np.empty(len(chords), np.int64)
    first, length = cut
    for begin, end in sections(grid, first, len(chords), length):
        before = int(chords[begin]) or before
        out[begin:end] = before
    return out


def read(notes: Sequence[Note], first: int, count: int) -> Ints:
    """Return the chord that sounds in each frame [count], the first at tick `first`."""
    sounding: list[set[int]] = [set() for _ in range(count)]
    for note in notes:
        begin = max((note.onset - first) // FRAME, 0)
        for frame in range(begin, min(-(-(note.end - first) // FRAME), count)):
            sounding[frame].add(note.pitch)
    return np.array([voicing.named(pitches) for pitches in sounding], np.int64)


def last_pitches(notes: Sequence[Note]) -> Pitches:
    """Return the pitches of the last chord before the phrase, from the lowest up."""
    onset = max((note.onset for note in notes if note.onset < 0), default=0)
    return tuple(sorted(note.pitch for note in notes if note.onset == onset < 0))


def struck(chords: Ints, lines: Ints, before: Pitches) -> Iterator[tuple[int, int, Pitches]]:
    """Yield (begin, end, pitches) of each chord, struck where it changes and at bar lines.

    `lines` are the frames of bar lines, `before` are the pitches of the chord before the phrase.
    """
    new = np.flatnonzero(np.diff(chords, prepend=-1))
    for begin, end in pairwise(sorted({*new.tolist(), *lines.tolist(), len(chords)})):
        chord = int(chords[begin])
        if chord == NO_CHORD:
            continue
        if voicing.named(before) != chord:
            before = voicing.voiced(chord, before)
        yield begin, end, before


def fitted(pitches: Pitches, low: int, high: int) -> Pitches:
    """Return the pitches moved together by octaves into a range; folded if it is too narrow."""
    up = max(-(-(low - min(pitches)) // OCTAVE), 0) * OCTAVE
    down = max(-(-(max(pitches) - high) // OCTAVE), 0) * OCTAVE
    moved = tuple(pitch + up - (0 if up else down) for pitch in pitches)
    if low <= min(moved) and max(moved) <= high:
        return moved
    return tuple(sorted({folded(pitch, low, high) for pitch in pitches}))
