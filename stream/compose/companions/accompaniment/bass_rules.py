"""Rules for bass lines. Bounds of leaps and likeness are near nine of ten phrases of real lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_spans import at, bar_lines, chord_spans
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.filter.selection import SILENT_BARS, Rules
from stream.compose.polyphony.frames import Flags, Ints
from stream.music.scale import OCTAVE
from stream.music.verdict import Rule

ROOTS: Final = (0.75, 1.0)
"""Bounds for the share of bars at whose begin the root of the chord sounds; stricter than real
lines, which may hold a note or begin with another tone."""
LEAPS: Final = (0.0, 0.2)
"""Bounds for the share of intervals larger than a fifth, other than octaves."""
LIKENESS: Final = (0.3, 1.0)
"""Bounds for the likeness of rhythms of bars."""


def bass_rules(struck: Flags, silent: Flags, pitches: Ints, score: Score) -> Rules:
    """Return the rules of a line [T]: frames that strike, frames of rest, and pitches struck."""
    first = score.length - FRAME * len(struck)
    found = [Rule("silence", round(longest(silent) * FRAME / score.bar, 3), 0.0, SILENT_BARS)]
    sounding = held_pitches(struck, silent, pitches)
    if (share := roots_on_downbeats(sounding, score, first)) is not None:
        found.append(Rule("roots_on_downbeats", share, *ROOTS))
    line = pitches[struck].tolist()
    sizes = [abs(b - a) for a, b in pairwise(line)]
    if sizes:
        wide = sum(size > 7 and size != OCTAVE for size in sizes) / len(sizes)
        found.append(Rule("wide_leaps", round(wide, 3), *LEAPS))
    if (alike := bar_likeness(struck, score)) is not None:
        found.append(Rule("rhythm_likeness", alike, *LIKENESS))
    if score.closing and line:
        span = at(chord_spans(score), score.length - 1)
        root = line[-1] if span is None else span.root
        found.append(Rule("last_root", float((line[-1] - root) % OCTAVE == 0), 1.0, 1.0))
    return tuple(found)


def roots_on_downbeats(sounding: Ints, score: Score, first: int) -> float | None:
    """Return the share of bars with a sounding bar line at which the root of the chord sounds.

    `sounding` is the pitch in each frame, SILENT for none. None without such a bar.
    """
    spans, hits = chord_spans(score), []
    for line in bar_lines(score):
        span, frame = at(spans, line), (line - first) // FRAME
        if span is not None and 0 <= frame < len(sounding) and sounding[frame] >= 0:
            hits.append((int(sounding[frame]) - span.root) % OCTAVE == 0)
    return round(sum(hits) / len(hits), 3) if hits else None


def held_pitches(struck: Flags, silent: Flags, pitches: Ints) -> Ints:
    """Return the pitch that sounds in each frame [T] from those struck; SILENT in rests."""
    last = np.maximum.accumulate(np.where(struck | silent, np.arange(len(struck)), 0))
    return np.where(silent[last], -1, pitches[last])


def bar_likeness(struck: Flags, score: Score) -> float | None:
    """Return how alike the rhythms of neighboring bars are: shared strokes over all strokes.

    None for less than two bars.
    """
    width = score.bar // FRAME
    bars = struck[len(struck) % width :].reshape(-1, width)
    if len(bars) < 2:
        return None
    both, either = (bars[1:] & bars[:-1]).sum(), (bars[1:] | bars[:-1]).sum()
    return round(float(both / either), 3) if either else 1.0


def longest(flags: Flags) -> int:
    """Return the length of the longest run of true flags."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int((turns[1::2] - turns[::2]).max(initial=0))
