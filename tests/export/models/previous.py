"""The decoder's input from what a tune has played, as the corpus gives it to a model."""

import numpy as np
import torch

from export.models import bar_memory, motif
from stream.compose.melody.vocabulary import START

BAR = 96
"""Twelfths of a bar of eight units."""


def previous_of(tokens, lags):
    """Events before and hints, int64 [T, B, 37], of tunes int64 [T, B, 3] with lags int64 [T, B].

    A lag is the distance in bars that the outline points to.
    """
    tunes = zip(tokens.unbind(1), lags.unbind(1), strict=True)
    return torch.stack([_of_tune(tune.numpy(), lag.numpy()) for tune, lag in tunes], 1)


def _of_tune(tune, lag):
    bars = np.concatenate([np.tile(bar_memory.BARS, (len(tune), 1)), lag[:, None]], 1)
    columns = (
        np.vstack([START, tune[:-1]]),
        motif.hints(tune, motif.REACH),
        bar_memory.hints(tune, BAR * bars, motif.REACH).reshape(len(tune), -1),
    )
    return torch.from_numpy(np.hstack(columns))
