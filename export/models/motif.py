"""Motif memory: what followed the last time the tune sounded like this.

Half of a dance tune is heard twice, and no small recurrent state holds a strain of it word for
word. So the decoder is told, beside the event before, which event followed the longest match of
the most recent events within the tune so far, and how long that match is: the match model of
PAQ-like compressors (Mahoney 2005), as an input that the network learns how far to trust.

Conventions: N lags that are looked back; an event is its three tokens, a hint is the three tokens
that followed and the length of the match in events, START and 0 where there is none.

The step keeps two rows of N numbers: the last N events, the latest first, and for each lag how many
events in a row are those of that lag before. One comparison brings both up to date.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stream.compose.melody.vocabulary import SIZES, START

REACH = 384
"""Events that are looked back: longer than nearly every tune."""
EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Lengths of match that the decoder tells apart: one input each, 1 from there on."""
WIDTH = len(EDGES)
CODES = math.prod(SIZES)
"""Events there are: numbered from 1, as `_code` does."""


def hints(tokens: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """[n, 4]: the hint for each event of a tune [n, 3], from those before it."""
    found = np.tile(np.array([*START, 0]), (len(tokens), 1))
    lags = np.arange(1, min(reach, len(tokens) - 2) + 1)[:, None]
    time = np.arange(len(tokens) - 1)
    if len(lags) == 0:
        return found
    codes = np.asarray(_code(tokens))
    alike = (codes[time - lags] == codes[time]) & (time >= lags)
    # Steps since the last difference, by the running maximum of where it was.
    lengths = time + 1 - np.maximum.accumulate(np.where(alike, 0, time + 1), axis=1)
    best = np.argmax(lengths * (reach + 1) - lags, axis=0)
    longest = lengths[best, time]
    hinted = np.column_stack([tokens[time - best], longest])
    found[1:] = np.where(longest[:, None] > 0, hinted, found[1:])
    return found


def recall(event: Tensor, memory: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Hint [K, 4] int64 and the memory, two rows [K, N] float32, after `event` [K, 3] int64.

    START empties the memory: a tune does not remember the one before.
    """
    past, lengths = memory
    code = _code(event)[:, None].to(past.dtype)
    # START is never kept, so that nothing matches it.
    lengths = torch.where(past == code, lengths + 1, 0.0)
    past = torch.cat([code, past[:, :-1]], dim=-1) * (code <= CODES).to(past.dtype)
    # Of equally long matches the latest, which is the first: max promises it.
    longest, best = lengths.max(dim=-1, keepdim=True)
    followed = torch.gather(past, 1, best) * (longest > 0)
    tokens = _events(followed.device)[followed[:, 0].to(torch.int64)]
    return torch.cat([tokens, longest.to(torch.int64)], -1), (past, lengths)


def _events(device: torch.device) -> Tensor:
    """[CODES + 1, 3]: the event of each code; of 0, which is none, START."""
    events = torch.cartesian_prod(*(torch.arange(size, device=device) for size in SIZES))
    return torch.cat([torch.tensor([START], device=device), events])


def trust(match: Tensor) -> Tensor:
    """[..., WIDTH]: the length of match [...] as the decoder sees it."""
    edges = torch.tensor(EDGES, device=match.device)
    return (match[..., None] >= edges).to(torch.float32)


def _code(event: Tensor | NDArray[np.int64]) -> Tensor:
    """One number, from 1, for the tokens [..., 3] of an event."""
    return (event[..., 0] * SIZES[1] + event[..., 1]) * SIZES[2] + event[..., 2] + 1  # type: ignore[return-value]
