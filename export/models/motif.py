"""Motif memory: the event that followed the last time the tune sounded like this.

Half of a dance tune is heard twice, and no small recurrent state stores a repeat literally. So the
decoder also reads which event followed the longest match of the most recent events within the tune
so far, and how long that match is: the match model of PAQ-like compressors (Mahoney 2005), as an
input that the network learns how far to trust. With m_t(d) events in a row equal to those d before,

    m_t(d) = m_(t-1)(d) + 1 where x_t = x_(t-d), else 0
    d* = argmax_d m_t(d), the smallest of equal ones;  hint = (x_(t+1-d*), m_t(d*))

Conventions: N lags d; an event is its three tokens; a hint is the three tokens that followed and
the length of the match in events, START and 0 without a match.

The step's state is two rows of N numbers: the codes of the last N events, the latest first, and
m(d) for each lag. One comparison updates both.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stream.compose.melody.vocabulary import SIZES, START

REACH = 384
"""Lags in events: more than nearly every tune has."""
EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Lengths of match that the decoder distinguishes: one input each, 1 from that length on."""
WIDTH = len(EDGES)
COLUMNS = 4
"""Numbers of a hint."""
CODES = math.prod(SIZES)
"""Number of different events; `code` numbers them from 1."""


def hints(tokens: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """Return the hint [n, 4] for each event of a tune [n, 3], from the events before it."""
    found = np.tile(np.array([*START, 0]), (len(tokens), 1))
    lags = np.arange(1, min(reach, len(tokens) - 2) + 1)[:, None]
    time = np.arange(len(tokens) - 1)
    if len(lags) == 0:
        return found
    codes = np.asarray(code(tokens))
    alike = (codes[time - lags] == codes[time]) & (time >= lags)  # bool [N, n - 1]
    # Events since the last difference: a running maximum of its position. [N, n - 1]
    lengths = time + 1 - np.maximum.accumulate(np.where(alike, 0, time + 1), axis=1)
    best = np.argmax(lengths * (reach + 1) - lags, axis=0)
    longest = lengths[best, time]
    hinted = np.column_stack([tokens[time - best], longest])
    found[1:] = np.where(longest[:, None] > 0, hinted, found[1:])
    return found


def recall(event: Tensor, memory: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return the hint int64 [K, 4] and the memory, two rows [K, N], after `event` int64 [K, 3].

    START empties the memory: a tune does not remember the one before.
    """
    past, lengths = memory
    latest = code(event)[:, None].to(past.dtype)  # [K, 1]
    # START is never stored, so that nothing matches it.
    lengths = torch.where(past == latest, lengths + 1, 0.0)  # [K, N]
    past = torch.cat([latest, past[:, :-1]], dim=-1) * (latest <= CODES).to(past.dtype)  # [K, N]
    # Of equally long matches the latest, which is the first: max guarantees it.
    longest, best = lengths.max(dim=-1, keepdim=True)  # [K, 1], int64 [K, 1]
    followed = torch.gather(past, 1, best) * (longest > 0)  # [K, 1]
    tokens = events(followed.device)[followed[:, 0].to(torch.int64)]  # int64 [K, 3]
    return torch.cat([tokens, longest.to(torch.int64)], -1), (past, lengths)


def events(device: torch.device) -> Tensor:
    """Return the event of each code, int64 [CODES + 1, 3]; START for code 0, not an event."""
    events = torch.cartesian_prod(*(torch.arange(size, device=device) for size in SIZES))
    return torch.cat([torch.tensor([START], device=device), events])


def trust(match: Tensor) -> Tensor:
    """Return the decoder's input [..., WIDTH] for lengths of match int64 [...]."""
    edges = torch.tensor(EDGES, device=match.device)
    return (match[..., None] >= edges).to(torch.float32)


def code(event: Tensor | NDArray[np.int64]) -> Tensor:
    """Return the number, from 1, of an event with tokens [..., 3]."""
    return (event[..., 0] * SIZES[1] + event[..., 1]) * SIZES[2] + event[..., 2] + 1  # type: ignore[return-value]
