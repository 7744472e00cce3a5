"""The tones of a chord within the range of an instrument, and voicings made of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from stream.compose.polyphony.voicing import pitch_classes
from stream.music.scale import OCTAVE

Pitches = tuple[int, ...]
MOST: Final = 5
"""Most notes of a voicing."""


@lru_cache(4096)
def ladder(chord: int, low: int, high: int) -> Pitches:
    """Return the pitches from `low` to `high` that belong to the chord, from the lowest up."""
    tones = pitch_classes(chord)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % OCTAVE in tones)


def led(chord: int, low: int, high: int, before: Pitches, count: int = 4) -> Pitches:
    """Return the voicing of `count` notes in close position that moves least from the one before.

    Without one before it is the voicing nearest to the middle of the range. A range with too few
    tones gives fewer notes.
    """
    tones = ladder(chord, low, high)
    count = min(count, max(len(pitch_classes(chord)), 3), len(tones))
    choices = [tones[i : i + count] for i in range(len(tones) - count + 1)] if count else []
    middle = (low + high) / 2
    return min(choices, key=lambda pitches: (_cost(pitches, before, middle), pitches), default=())


def _cost(pitches: Pitches, before: Pitches, middle: float) -> float:
    """Return the motion of the outer voices, plus a share of the distance from the middle."""
    far = abs(_mean(pitches) - middle)
    if not before:
        return far
    return abs(pitches[-1] - before[-1]) + abs(_mean(pitches) - _mean(before)) + far / 6


def _mean(pitches: Sequence[int]) -> float:
    return sum(pitches) / len(pitches)


def octave_near(pitch_class: int, target: float, low: int, high: int) -> int | None:
    """Return the pitch of a class within the range that is nearest to a target; None if none is."""
    choices = range(low + (pitch_class - low) % OCTAVE, high + 1, OCTAVE)
    return min(choices, key=lambda pitch: (abs(pitch - target), pitch), default=None)
