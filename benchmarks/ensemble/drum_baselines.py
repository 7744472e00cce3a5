"""Baselines of the drums: frequencies by place in the bar, and an n-gram.

Both give each head of a frame a distribution of its own. Counts are interpolated with those of
shorter contexts (Witten & Bell 1991): P(x | c) = (n(c, x) + d(c) P(x | shorter c)) / (n(c) + d(c)),
with d(c) the number of different tokens after c; the shortest is uniform.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.drums_grid import AGAIN, HEADS, SLOTS, SNARE
from stream.compose.polyphony.frames import Ints

Context = tuple[Hashable, ...]
Contexts = Callable[[Ints, int, int, int], list[Context]]
"""Return the contexts of a head of frame t, the shortest first, from frames, place, t and head."""


def by_place(frames: Ints, place: int, t: int, head: int) -> list[Context]:
    """Return the place in the bar, and for offsets and the like the slot's own hit."""
    slot = _slot(head)
    hit = () if head < len(SLOTS) else (int(frames[t, slot] > 0),)
    return [(), hit, (*hit, place)]


def n_gram(frames: Ints, place: int, t: int, head: int) -> list[Context]:
    """Return place, own tokens a bar ago and last, and the hits before in the frame."""
    slot = _slot(head)
    hit = () if head < len(SLOTS) else (int(frames[t, slot]),)
    chosen = tuple((frames[t, : min(head, len(SLOTS))] > 0).tolist())
    last = int(frames[t - 1, head]) if t else -1
    bar = int(frames[t - 16, head]) if t >= 16 else -1
    first = () if head < len(SLOTS) else (int(frames[t, slot] > 0),)
    return [(), first, (*first, place), (*first, place, bar), (*hit, place, bar, last),
            (*hit, place, bar, last, chosen)]  # fmt: skip


def _slot(head: int) -> int:
    """Return the slot that a head tells something about; the last head belongs to the snare."""
    return SNARE if head == AGAIN else head % len(SLOTS)


class Counts:
    """Counts of tokens after contexts."""

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._tables: list[dict[Context, Counter[int]]] = [defaultdict(Counter) for _ in HEADS]

    def learn(self, frames: Ints) -> None:
        """Count a piece [T, M] in 4/4 that begins at a bar line."""
        for t in range(len(frames)):
            for head in range(len(HEADS)):
                for depth, context in enumerate(self._contexts(frames, t % 16, t, head)):
                    self._tables[head][(depth, *context)][int(frames[t, head])] += 1

    def distribution(self, frames: Ints, t: int, head: int) -> NDArray[np.float64]:
        """Return the probabilities of the head's tokens, given those before it in `frames`."""
        found = np.full(HEADS[head], 1 / HEADS[head])
        for depth, context in enumerate(self._contexts(frames, t % 16, t, head)):
            counts = self._tables[head].get((depth, *context))
            if counts:
                found *= len(counts)
                for token, count in counts.items():
                    found[token] += count
                found /= len(counts) + counts.total()
        return found

    def bits(self, frames: Ints) -> Iterator[float]:
        """Yield the bits of each frame of a piece."""
        for t in range(len(frames)):
            yield -sum(
                float(np.log2(self.distribution(frames, t, head)[frames[t, head]]))
                for head in range(len(HEADS))
            )

    def sampled(self, count: int, rng: np.random.Generator) -> Ints:
        """Return frames [count, M] drawn token by token."""
        frames = np.zeros((count, len(HEADS)), np.int64)
        for t in range(count):
            for head in range(len(HEADS)):
                found = self.distribution(frames, t, head)
                frames[t, head] = rng.choice(len(found), p=found / found.sum())
        return frames


def learned(pieces: Sequence[Ints], contexts: Contexts) -> Counts:
    """Return the counts of pieces."""
    made = Counts(contexts)
    for frames in pieces:
        made.learn(frames)
    return made
