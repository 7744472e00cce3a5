"""A toy companion: a drum that is struck, or not, when the lead is."""

from types import SimpleNamespace

import numpy as np
import torch

from export.companions.role import Piece
from export.companions.step import CompanionStep
from export.frames import parity
from export.frames.to_voice import spec_of
from export.models.companion import CompanionConfig, CompanionNet
from stream.compose.companions.kind import FRAME
from stream.music.note import Note
from stream.music.verdict import Rule
from stream.voices.spec import append_spec

TAGS = ("style:loud",)


class ToyKind:
    """Two heads: whether it strikes, and how loud."""

    heads = (2, 3)
    roles = ("drums",)
    context_width = 2

    def context(self, score, first, count):
        at = {note.onset // FRAME for note in score.notes("lead")}
        begin = first // FRAME
        rows = [[float(begin + i in at), float(i % 4 == 0)] for i in range(count)]
        return np.array(rows, np.float32).reshape(count, 2)

    def encode(self, score, first, count):
        out = np.zeros((count, 2), np.int64)
        for note in score.notes("drums"):
            if 0 <= (index := (note.onset - first) // FRAME) < count:
                out[index] = 1, note.velocity // 50
        return out

    def decode(self, frames, score, rng):
        first = score.length - FRAME * len(frames)
        return {
            "drums": tuple(
                Note(first + FRAME * i, 6, 36, 50 * int(loud) + 1, 9)
                for i, (struck, loud) in enumerate(frames)
                if struck
            )
        }

    def rules(self, candidates, score):
        return [(Rule("hits", float(run[:, 0].sum()), 1, 40),) for run in candidates]


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
    name="drums", kind=ToyKind(), tags=TAGS, hidden=8, corpus=lambda _: ToyCorpus()
)


def voice_bytes(seed=0):
    """Return an untrained companion as a voice."""
    torch.manual_seed(seed)
    config = CompanionConfig("drums", ToyKind.heads, 2, TAGS, hidden=8, head_width=8, depth=1)
    step = CompanionStep(CompanionNet(config))
    spec = spec_of("drums", step, {})
    return append_spec(parity.traced(step), type(spec)(**{**_fields(spec), "context": 2}))


def _fields(spec):
    return {name: getattr(spec, name) for name in spec.__slots__}
