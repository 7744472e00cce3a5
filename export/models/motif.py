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

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stream.compose.vocabulary import SIZES, START

REACH = 384
"""Events that are looked back: longer than nearly every tune."""
EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
"""Lengths of match that the decoder tells apart: one input each, 1 from there on."""
WIDTH = len(EDGES)


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


def recall(event: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
    """Hint [K, 4] int64 and the memory [K, 2N] float32 after `event` [K, 3] int64.

    START empties the memory: a tune does not remember the one before.
    """
    past, lengths = memory.chunk(2, dim=-1)
    opening = event[:, 2:] == START[2]
    code = torch.where(opening, 0, _code(event)[:, None]).to(memory.dtype)
    past = torch.where(opening, 0.0, past)
    lengths = torch.where(opening, 0.0, (lengths + 1) * (past == code))
    past = torch.cat([code, past[:, :-1]], dim=-1)
    # Of equally long matches the latest: no two lags have the same score.
    reach = past.shape[-1]
    score = lengths * (reach + 1) - torch.arange(reach, device=past.device)
    best = torch.argmax(score, dim=-1, keepdim=True)
    longest = torch.gather(lengths, 1, best)
    followed = torch.gather(past, 1, best).to(torch.int64) - 1
    tokens = torch.cat([followed // (SIZES[1] * SIZES[2]), followed // SIZES[2] % SIZES[1],
                        followed % SIZES[2]], dim=-1)  # fmt: skip
    nothing = torch.tensor(START, device=event.device).expand_as(tokens)
    hint = torch.where(longest > 0, tokens, nothing)
    return torch.cat([hint, longest.to(torch.int64)], -1), torch.cat([past, lengths], -1)


def trust(match: Tensor) -> Tensor:
    """[..., WIDTH]: the length of match [...] as the decoder sees it."""
    edges = torch.tensor(EDGES, device=match.device)
    return (match[..., None] >= edges).to(torch.float32)


def _code(event: Tensor | NDArray[np.int64]) -> Tensor:
    """One number, from 1, for the tokens [..., 3] of an event."""
    return (event[..., 0] * SIZES[1] + event[..., 1]) * SIZES[2] + event[..., 2] + 1  # type: ignore[return-value]
