"""The decoder's input from what a tune has played, as the corpus gives it to a model."""

import numpy as np
import torch

from export.models import bar_memory, motif
from stream.compose.melody.outline_context import AHEAD
from stream.compose.melody.vocabulary import START

BAR = 96
"""Twelfths of a bar of eight units."""


def previous_of(tokens, context):
    """Events before and hints, int64 [T, B, 43], of tunes int64 [T, B, 3].

    The context [T, B, C] gives the distances that the outline points to.
    """
    pointed = [context[..., 0] * BAR, context[..., AHEAD]]
    tunes = zip(tokens.unbind(1), torch.stack(pointed, -1).long().unbind(1), strict=True)
    return torch.stack([_of_tune(tune.numpy(), places.numpy()) for tune, places in tunes], 1)


def _of_tune(tune, pointed):
    distances = np.hstack([np.tile(BAR * np.array(bar_memory.BARS), (len(tune), 1)), pointed])
    columns = (
        np.vstack([START, tune[:-1]]),
        motif.hints(tune, motif.REACH),
        bar_memory.hints(tune, distances, motif.REACH).reshape(len(tune), -1),
    )
    return torch.from_numpy(np.hstack(columns))
