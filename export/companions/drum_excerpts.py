"""Excerpts of drummers' performances: a few phrases each."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from export.companions.groove import Performance
from stream.compose.companions.drums_grid import SLOTS
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note

PHRASE: Final = 4
"""Bars of most phrases."""
LONGEST: Final = 5
"""Phrases of an excerpt at most."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some phrases of a performance, and how they are described to the companion."""

    whole: Performance
    begin: int
    """Frame at which it begins."""
    lengths: tuple[int, ...]
    """Ticks of its phrases."""
    style: str
    closing: bool = False


def cut(whole: Performance, rng: np.random.Generator) -> list[Excerpt]:
    """Return a performance as excerpts of one to five phrases, with a rest left out."""
    found, at = [], 0
    while at < whole.bars:
        wanted = [
            int(rng.choice([2, PHRASE, 8], p=[0.1, 0.8, 0.1])) for _ in range(rng.integers(LONGEST))
        ]
        wanted.append(PHRASE)
        begin, kept = at, []
        for bars in wanted:
            count = min(bars, whole.bars - at)
            kept += [count * whole.bar] if count else []
            at += count
        found.append(Excerpt(whole, begin * whole.bar // FRAME, tuple(kept), whole.style))
    return [each for each in found if not _pauses(each)]


def regular(whole: Performance, phrases: int) -> list[Excerpt]:
    """Return a performance as excerpts of so many phrases of four bars, without the rest."""
    bars = PHRASE * phrases
    lengths = (PHRASE * whole.bar,) * phrases
    starts = range(0, whole.bars - bars + 1, bars)
    found = [Excerpt(whole, n * whole.bar // FRAME, lengths, whole.style) for n in starts]
    return [each for each in found if not _pauses(each)]


def _pauses(excerpt: Excerpt) -> bool:
    """Return True if a bar is silent."""
    return not hits_of(excerpt).reshape(-1, excerpt.whole.bar // FRAME).any(1).all()


def hits_of(excerpt: Excerpt) -> Ints:
    """Return the number of slots that are struck in each frame [T]."""
    return np.count_nonzero(frames_of(excerpt)[:, : len(SLOTS)], axis=1)


def frames_of(excerpt: Excerpt) -> Ints:
    """Return the frames of an excerpt [T, M]."""
    return excerpt.whole.frames[excerpt.begin :][: sum(excerpt.lengths) // FRAME]


def phrase_notes(excerpt: Excerpt) -> list[tuple[Note, ...]]:
    """Return the notes of each phrase, with onsets from its begin."""
    found, begin, notes = [], excerpt.begin * FRAME, excerpt.whole.notes
    for length in excerpt.lengths:
        a, b = (bisect_left(notes, at, key=_onset) for at in (begin, begin + length))
        found.append(tuple(note.moved(-begin) for note in notes[a:b]))
        begin += length
    return found


def _onset(note: Note) -> int:
    return note.onset
