"""Likelihood of chorales, part by part.

Nats per token: minus ln P of one part in one sixteenth, the mean over all frames of a split. Four
tokens a frame; a held note is a repeat of its pitch, with no token of its own; each chorale begins
in the start state, and its first frame counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from export.chorale.batches import Score, chunked
from export.corpus.satb import PARTS
from export.models.polyphony.chorale import Chorale

ROWS = 40
LENGTH = 128


@dataclass(frozen=True, slots=True)
class Nats:
    """Figures of a split."""

    parts: tuple[float, ...]
    """Nats per token of soprano, alto, tenor and bass."""
    frames: int

    @property
    def token(self) -> float:
        """Mean over the parts."""
        return sum(self.parts) / len(self.parts)

    @property
    def frame(self) -> float:
        return sum(self.parts)


@torch.no_grad()
def measured(model: Chorale, scores: Sequence[Score]) -> Nats:
    """Return the figures of the chorales with the tags that they have."""
    model.eval()
    rows = min(ROWS, len(scores))
    state, total, frames = model.initial(rows), torch.zeros(len(PARTS), dtype=torch.float64), 0
    for batch in chunked(sorted(scores, key=len, reverse=True), rows, LENGTH):
        state = torch.where(batch.cold[:, None], 0.0, state)
        nats, state = model.nats(batch.frames, batch.past, batch.tags, batch.mask, state)
        total += nats.sum((0, 1), dtype=torch.float64)
        frames += int(batch.mask.sum())
    return Nats(tuple(np.round(total.numpy() / frames, 6).tolist()), frames)
