"""The tokens of comping: a struck chord as four numbers, and the notes that they stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from stream.compose.companions.accompaniment.chord_ladder import MOST, Pitches, ladder
from stream.compose.companions.accompaniment.chord_spans import Span
from stream.compose.companions.score import Score
from stream.music.scale import OCTAVE

REST, HOLD, STRIKE, ADD = 0, 1, 2, 3
TONES: Final = 4
"""Most tones of a chord: the lowest note is one of them."""
OCTAVES: Final = 4
"""Octaves of the range, from its lowest pitch up."""
GAPS: Final = ((0, 0), (1, 2), (3, 4), (5, 9))
"""Least and most tones of the ladder that are left out below the upper notes, by class."""


def tokens_of(pitches: Sequence[int], span: Span, score: Score) -> tuple[int, int, int, int]:
    """Return number, lowest tone, octave and gap of a struck chord, as the heads after the first.

    `pitches` are at least one, from the lowest up.
    """
    tones = ladder(span.chord, score.low, score.high)
    if not tones:
        return 0, 0, 0, 0
    rungs = sorted({_nearest_rung(tones, pitch) for pitch in pitches})[-MOST:]
    lowest, count = tones[rungs[0]], len(rungs)
    extra = max(rungs[-1] - rungs[0] - (count - 1), 0) if count > 1 else 0
    gap = next(i for i, (_, most) in enumerate(GAPS) if extra <= most or i == len(GAPS) - 1)
    octave = min((lowest - score.low) // OCTAVE, OCTAVES - 1)
    return count - 1, span.tones.index(lowest % OCTAVE), octave, gap


def pitches_of(tokens: Sequence[int], span: Span, score: Score, top: int | None) -> Pitches:
    """Return the notes that tokens stand for, from the lowest up, within the range.

    The gap below the upper notes is the one of its class that brings the highest note nearest to
    `top`, the highest one before. A narrow range gives fewer notes.
    """
    number, tone, octave, gap = map(int, tokens)
    tones = ladder(span.chord, score.low, score.high)
    if not tones:
        return ()
    pitch_class = span.tones[min(tone, len(span.tones) - 1)]
    pitch = score.low + OCTAVE * octave + (pitch_class - score.low) % OCTAVE
    lowest = _nearest_rung(tones, pitch)
    if number == 0:
        return (tones[lowest],)
    least, most = GAPS[gap]
    begins = [lowest + 1 + extra for extra in range(least, most + 1)]
    fitting = [b for b in begins if b + number <= len(tones)] or [max(len(tones) - number, 0)]
    target = tones[min(fitting[0] + number - 1, len(tones) - 1)] if top is None else top
    begin = min(fitting, key=lambda b: abs(tones[min(b + number, len(tones)) - 1] - target))
    return tuple(sorted({tones[lowest], *tones[begin : begin + number]}))


def _nearest_rung(tones: Pitches, pitch: int) -> int:
    """Return the number of the tone that is nearest to a pitch."""
    above = min(bisect_left(tones, pitch), len(tones) - 1)
    below = max(above - 1, 0)
    return below if pitch - tones[below] < tones[above] - pitch else above
