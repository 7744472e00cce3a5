"""A toy companion: a drum that is struck, or not, when the lead is."""

import numpy as np

from stream.compose.companions.kind import FRAME
from stream.music.note import Note
from stream.music.verdict import Rule


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
