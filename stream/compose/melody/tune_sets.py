"""Sets: tunes follow each other as players put them together, two to four of one type.

The tunes of a set share style, meter and type of dance, and their keys are related. Everything
depends on the stream's seed and the number of the tune alone, so that a restarted composer draws
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from stream.compose.melody.outline import Outline, parsed
from stream.music.scale import OCTAVE

SIZES: Final = (2, 3, 4)
"""Tunes of a set."""
BLOCK: Final = 12
"""Tunes that are divided into sets at a time."""
MOST_SETS: Final = BLOCK // SIZES[0]
RELATED: Final = (0, 2, 5, 7, 10)
"""Semitones from the tonic of a tune to that of the next."""
RELATIVE: Final = (3, 9)
"""The same where the mode changes: the relative minor or major."""


def set_of(seed: int, tune: int) -> tuple[int, int]:
    """Return the number of the set of a tune in its stream, and the tune's place in it."""
    block, place = divmod(tune, BLOCK)
    rng = np.random.default_rng([seed, block, 4])
    number, left = block * MOST_SETS, BLOCK
    while True:
        sizes = [size for size in SIZES if size == left or left - size >= SIZES[0]]
        size = sizes[int(rng.integers(len(sizes)))]
        if place < size:
            return number, place
        number, place, left = number + 1, place - size, left - size


def draw(outlines: Sequence[str], place: int, rng: np.random.Generator) -> int:
    """Return the index of the outline of the tune at `place` of a set; `rng` is the set's own."""
    first = int(rng.integers(len(outlines)))
    alike = [i for i in range(len(outlines)) if _type(outlines[i]) == _type(outlines[first])]
    others = [alike[i] for i in rng.permutation(len(alike)).tolist() if alike[i] != first]
    chosen = first
    for _ in range(place):
        before = parsed(outlines[chosen])
        near = (i for i in others if related(before, parsed(outlines[i])))
        chosen = next(near, others[0] if others else first)
        others = [i for i in others if i != chosen]
    return chosen


def matching(outlines: Sequence[str], outline: Outline, share: float) -> int:
    """Return the index of an outline with the same bar and mode, at `share` of all such."""
    found = [
        i
        for i, (meter, mode, *_) in enumerate(map(_fields, outlines))
        if (int(meter.partition("x")[0]), mode) == (outline.bar, outline.mode)
    ]
    places = found or range(len(outlines))
    return places[int(share * len(places))]


def related(one: Outline, other: Outline) -> bool:
    """Return True if a tune in the key of `other` may follow one in the key of `one`."""
    steps = (other.key - one.key) % OCTAVE
    return steps in (RELATED if one.mode == other.mode else (0, *RELATIVE))


def _type(line: str) -> tuple[str, str]:
    meter, _, kind, *_ = _fields(line)
    return meter, kind


def _fields(line: str) -> list[str]:
    return line.split(";", 3)
