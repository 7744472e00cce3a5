"""Chorales as padded batches of chunks.

Conventions: T frames a chunk, B rows, parts and classes as in `corpus.satb`. A row plays chorale
after chorale, each from a fresh state; the state is carried from chunk to chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.corpus.satb import MODES, PARTS, Frames, mode_of, shifted, transpositions
from export.models.polyphony.chorale import TAGS
from export.models.polyphony.chorale_past import LONGEST, START, Past
from export.training.lanes import lanes, spans

CLOSING = 64
"""Frames from the end in which the closing tag rises."""
CLOSING_DROPOUT = 0.3
"""Share of the chorales learned without the closing tag, as they are measured."""
MODE_DROPOUT = 0.3
"""Share learned without their mode."""


@dataclass(frozen=True, slots=True)
class Score:
    """One chorale with what is known before each frame, all [T, ...]."""

    frames: Frames
    pitch: Frames
    held: NDArray[np.int64]
    before: Frames
    tags: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.frames)

    def moved(self, semitones: int) -> Score:
        """Return the score in another key."""
        frames, pitch, before = (
            shifted(part, semitones) for part in (self.frames, self.pitch, self.before)
        )
        return Score(frames, pitch, self.held, before, self.tags)


@dataclass(frozen=True, slots=True)
class ChoraleBatch:
    """One chunk of every row."""

    frames: Tensor
    """Classes of the parts, int64 [T, B, 4]."""
    past: Past
    tags: Tensor
    """Tags, float32 [T, B, 3]."""
    mask: Tensor
    """True for the frames that count, bool [T, B]."""
    cold: Tensor
    """bool [B]: the row begins a chorale, or is idle."""


def score_of(frames: Frames) -> Score:
    """Return a chorale with all its tags."""
    pitch = np.concatenate([np.full((1, len(PARTS)), START), frames[:-1]])
    held, before = np.zeros_like(frames), np.full_like(frames, START)
    for t in range(1, len(frames)):
        moved = pitch[t] != pitch[t - 1]
        held[t] = np.where(moved, 1, np.minimum(held[t - 1] + 1, LONGEST))
        before[t] = np.where(moved, pitch[t - 1], before[t - 1])
    tags = np.zeros((len(frames), len(TAGS)), np.float32)
    mode = mode_of(frames)
    if mode:
        tags[:, MODES.index(mode)] = 1
    remaining = len(frames) - np.arange(len(frames))
    tags[:, -1] = np.maximum(1 - remaining / CLOSING, 0)
    return Score(frames, pitch, held, before, tags)


def untagged(score: Score) -> Score:
    """Return the chorale without the tags that only its end reveals: mode and closing."""
    return Score(score.frames, score.pitch, score.held, score.before, np.zeros_like(score.tags))


class Corpus:
    """The chorales that are learned from."""

    def __init__(self, chorales: Sequence[Frames], reach: int) -> None:
        """Find the keys of each chorale: at most `reach` semitones away, as voices allow."""
        self.scores = [score_of(c) for c in chorales]
        self.shifts = transpositions(list(chorales), reach)

    def drawn(self, rng: np.random.Generator) -> list[Score]:
        """Return each chorale once, in random order, in a random key, some without tags."""
        found = []
        for i in rng.permutation(len(self.scores)):
            score = self.scores[i].moved(int(rng.choice(self.shifts[i])))
            blank = rng.random(2) < (MODE_DROPOUT, CLOSING_DROPOUT)
            visible = ~np.repeat(blank, [len(MODES), 1])
            found.append(
                Score(score.frames, score.pitch, score.held, score.before, score.tags * visible)
            )
        return found


def chunked(scores: Sequence[Score], rows: int, length: int) -> Iterator[ChoraleBatch]:
    """Yield the batches of one pass over the chorales in their order."""
    cut = ([(score, *span) for span in spans(len(score), length)] for score in scores)
    yield from map(_padded, lanes(cut, rows))


def _padded(chunks: Sequence[tuple[Score, int, int] | None]) -> ChoraleBatch:
    longest = max(c[2] - c[1] for c in chunks if c)
    shape = (longest, len(chunks))
    names = ("frames", "pitch", "held", "before", "tags")
    arrays = [np.zeros((*shape, len(PARTS)), np.int64) for _ in names[:-1]]
    arrays.append(np.zeros((*shape, len(TAGS)), np.float32))
    mask = np.zeros(shape, bool)
    position, cold = np.zeros(shape, np.int64), np.ones(len(chunks), bool)
    for i, chunk in enumerate(chunks):
        if chunk is None:
            continue
        score, a, b = chunk
        n, cold[i] = b - a, a == 0
        for name, array in zip(names, arrays, strict=True):
            array[:n, i] = getattr(score, name)[a:b]
        mask[:n, i], position[:n, i] = True, np.arange(a, b)
    frames, pitch, held, before, tags = map(torch.from_numpy, arrays)
    past = Past(pitch, held, before, torch.from_numpy(position))
    return ChoraleBatch(frames, past, tags, torch.from_numpy(mask), torch.from_numpy(cold))
