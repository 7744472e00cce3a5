"""What is known of the past before every frame of a sheet at once, as training needs it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from export.models.lead.past import BARS, LAGS, LONGEST, UNHEARD, Known
from stream.compose.polyphony.lead_frames import GOES_ON, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES


def known(frames: Tensor, metre: int) -> Known:
    """Before each frame of a tune [T, 2]; all [T, ...]."""
    count = len(frames)
    melody, chords = frames.unbind(-1)
    at = torch.arange(count)
    begin = torch.tensor([LINE, CLASSES])
    token, chord = torch.cat([begin[None], frames[:-1]])[:count].unbind(-1)
    said = _latest(melody != GOES_ON, at)
    struck = _latest(melody >= STRUCK, at)
    padded = torch.cat([torch.zeros(1, dtype=torch.int64), melody])
    heard = torch.where(padded >= STRUCK, padded, 0)
    age = torch.where(said > 0, at - said + 1, at)
    strikes = torch.cat([torch.zeros(1, dtype=torch.int64), _latest(melody >= STRUCK, at, 1)])
    new = torch.ones(count, dtype=torch.bool)
    new[1:] = chords[1:] != chords[:-1]
    stay = torch.where(at > 0, at - _latest(new, at) + 1, 0)
    bar = list(BARS.values())[metre]
    echo = [_late(part, lag * bar) for part in (melody, chords) for lag in LAGS]
    return Known(
        token, chord, heard[said], torch.clamp(age, max=LONGEST), heard[struck],
        heard[strikes[struck]], torch.clamp(stay, max=LONGEST), torch.stack(echo, -1),
        torch.full_like(at, metre), at,
    )  # fmt: skip


def _latest(there: Tensor, at: Tensor, back: int = 1) -> Tensor:
    """[T] one past the latest frame before each in which something is there; 0: none was."""
    marks = torch.where(there, at + 1, 0)
    latest = torch.cummax(marks, 0).values
    return torch.cat([torch.zeros(back, dtype=torch.int64), latest])[: len(at)]


def _late(part: Tensor, frames: int) -> Tensor:
    """[T] so many frames later."""
    return torch.cat([torch.full((frames,), UNHEARD), part])[: len(part)]


def stacked(parts: Sequence[Known]) -> Known:
    """Rows of the same length side by side: [T, B, ...]."""
    names = Known.__slots__
    return Known(*(torch.stack([getattr(p, name) for p in parts], 1) for name in names))
