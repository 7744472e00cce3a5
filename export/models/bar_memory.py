"""Bar memory: what the tune had at the same place one, two, four and eight bars ago.

Tunes return at the distance of bars, not of events, and they vary when they return. So the decoder
also reads the event that sounded at the same place some bars ago, and at the two places that the
tune's outline points to: in the bar that this one returns to, and at the head of the one that the
coming bar returns to, which is where the melody has to lead. With t_i the onset and d_i the
duration of event i, and the next event at p, the event at distance L is

    i* = max {i : t_i <= p - L};  hint = (x_i*, [t_i* = p - L], t_i* + d_i* - (p - L), n)

where n counts the events in a row before p that equal those before i*, `STREAK` at most.

Conventions: N events stored, the latest first; D distances; times in twelfths of a unit. A hint is
six whole numbers: the three tokens, START without an event; whether it begins there; the time that
it still lasts; and n.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.models import motif
from stream.compose.melody.vocabulary import SIZES, START, TWELFTHS

BARS = (1, 2, 4, 8)
"""Distances in bars; the outline gives the others."""
OUTLINE = 2
"""Distances that the outline gives."""
DISTANCES = len(BARS) + OUTLINE
STREAK = 4
FIELDS = 6
"""Numbers of a hint."""
COLUMNS = DISTANCES * FIELDS
WIDTH = 2 + STREAK
"""Features of a hint beside its event."""
NOTHING = (*START, 0, 0, 0)

Ints = NDArray[np.int64]


def hints(tokens: Ints, distances: Ints, reach: int) -> Ints:
    """Return the hints [n, D, 6] for the events of a tune [n, 3] at `distances` [n, D].

    A distance of 0 has no hint, nor has one beyond the last `reach` events.
    """
    count, wide = distances.shape
    lengths = np.array(TWELFTHS)[tokens[:, 2]]
    onsets = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    codes = np.asarray(motif.code(tokens))
    place = onsets[:, None] - distances
    at = np.searchsorted(onsets, place.ravel(), side="right").reshape(count, wide) - 1
    back = np.arange(count)[:, None] - at
    known = (distances > 0) & (at >= 0) & (back <= reach)
    at = np.where(known, at, 0)
    streak, equal = np.zeros((count, wide), np.int64), known.copy()
    for n in range(1, STREAK + 1):
        here, there = np.arange(count)[:, None] - n, at - n
        inside = (there >= 0) & (back + n <= reach)
        equal &= inside & (codes[np.maximum(here, 0)] == codes[np.maximum(there, 0)])
        streak += equal
    begins = onsets[at] == place
    lasts = onsets[at] + lengths[at] - place
    found = np.concatenate([tokens[at], np.stack([begins, lasts, streak], -1)], -1)
    return np.where(known[..., None], found, np.array(NOTHING))


def recall(memory: tuple[Tensor, Tensor], distances: Tensor) -> Tensor:
    """Return the hints int64 [K, D, 6] at `distances` [K, D] from the next event back.

    The memory is two rows [K, N]: the codes of the last events, and their ages, the time from
    their onsets to the next event.
    """
    codes, ages = memory
    reach = codes.shape[-1]
    # Times are whole numbers, so that this is 1 for each later event; faster than comparing them.
    later = (distances[..., None] - ages[:, None, :]).clamp(0, 1)  # [K, D, N]
    at = later.sum(-1).to(torch.int64)  # [K, D]
    code = _stored(codes, at) * (distances > 0).to(codes.dtype)  # [K, D]
    before = torch.stack([_stored(codes, at + n) for n in range(1, STREAK + 1)], -1)
    distance, known = distances[..., None], (code > 0).to(codes.dtype)[..., None]  # [K, D, 1] each
    last = codes[:, None, :STREAK]  # [K, 1, STREAK]
    equal = (before == last).to(codes.dtype) * (last > 0).to(codes.dtype) * known
    age = torch.gather(ages, 1, at.clamp(max=reach - 1))[..., None]  # [K, D, 1]
    event = motif.events(codes.device)[code.to(torch.int64)]  # int64 [K, D, 3]
    lengths = torch.tensor([*TWELFTHS, 0], device=codes.device)[event[..., 2:]]  # int64 [K, D, 1]
    begins = (age == distance).to(codes.dtype) * known
    lasts = (lengths - age + distance) * known
    numbers = torch.cat([begins, lasts, _leading(equal)], -1)  # [K, D, 3]
    return torch.cat([event, numbers.to(torch.int64)], -1)


def _stored(codes: Tensor, at: Tensor) -> Tensor:
    """Return the codes [K, D] at places int64 [K, D] of a memory [K, N]; 0 beyond its end."""
    reach = codes.shape[-1]
    return torch.gather(codes, 1, at.clamp(max=reach - 1)) * (at < reach).to(codes.dtype)


def _leading(equal: Tensor) -> Tensor:
    """Return the number [..., 1] of ones before the first zero of `equal` [..., n]."""
    zeros = torch.cumsum(1 - equal, -1)  # [..., n]
    return (zeros == 0).to(equal.dtype).sum(-1, keepdim=True)


def ages_after(event: Tensor, ages: Tensor) -> Tensor:
    """Return the ages [K, N] after `event` int64 [K, 3] has been stored; START empties them."""
    lengths = torch.tensor([*TWELFTHS, 0], device=ages.device).to(ages.dtype)
    length = lengths[event[:, 2]][:, None]  # [K, 1]
    kept = (event[:, 2] < SIZES[2]).to(ages.dtype)[:, None]
    return torch.cat([length, ages[:, :-1] + length], -1) * kept


def features(hint: Tensor) -> Tensor:
    """Return the features [..., WIDTH] of hints int64 [..., 6] beside their events."""
    edges = torch.arange(1, STREAK + 1, device=hint.device)
    scale = torch.tensor((1.0, 12.0), device=hint.device)
    time = hint[..., 3:5].to(scale.dtype) / scale  # [..., 2]
    return torch.cat([time, (hint[..., 5:] >= edges).to(scale.dtype)], -1)
