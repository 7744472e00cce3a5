"""A toy companion's corpus: its drum strikes with the lead."""

from types import SimpleNamespace

import numpy as np

from export.companions.role import Piece
from tests.stream.compose.companions.toy import ToyKind

TAGS = ("style:loud",)


def pieces(rng, count=8):
    """Pieces in which the drum strikes with the lead."""
    found = []
    for _ in range(count):
        lead = rng.random(32) < 0.4
        context = np.stack([lead, np.arange(32) % 4 == 0], 1).astype(np.float32)
        frames = np.stack([lead, np.where(lead, 2, 0)], 1).astype(np.int64)
        found.append(Piece(frames, context, np.ones(1, np.float32)))
    return found


class ToyCorpus:
    def train(self, rng):
        return pieces(rng)

    def valid(self):
        return pieces(np.random.default_rng(0), 4)


ROLE = SimpleNamespace(
    name="drums", kind=ToyKind(), tags=TAGS, hidden=8, echo=(4, 2), corpus=lambda _: ToyCorpus()
)
