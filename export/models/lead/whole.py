"""The past before every frame of a whole sheet at once, as training needs it."""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.lead.past import BARS, LAGS, LONGEST, UNHEARD, Known
from stream.compose.polyphony.lead_frames import GOES_ON, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES


def known(frames: Tensor, meter: int) -> Known:
    """Return the past before each frame of a tune int64 [T, 2]; all [T, ...].

    `meter` is an index into BARS.
    """
    count = len(frames)
    melody, chords = frames.unbind(-1)
    at = torch.arange(count)
    begin = torch.tensor([LINE, CLASSES])
    token, chord = torch.cat([begin[None], frames[:-1]])[:count].unbind(-1)
    changed = _latest(melody != GOES_ON, at)
    struck = _latest(melody >= STRUCK, at)
    padded = torch.cat([torch.zeros(1, dtype=torch.int64), melody])
    pitched = torch.where(padded >= STRUCK, padded, 0)
    age = torch.where(changed > 0, at - changed + 1, at)
    strikes = torch.cat([torch.zeros(1, dtype=torch.int64), _latest(melody >= STRUCK, at, 1)])
    new = torch.ones(count, dtype=torch.bool)
    new[1:] = chords[1:] != chords[:-1]
    stay = torch.where(at > 0, at - _latest(new, at) + 1, 0)
    bar = list(BARS.values())[meter]
    echo = [_delayed(part, lag * bar) for part in (melody, chords) for lag in LAGS]
    return Known(
        token, chord, pitched[changed], torch.clamp(age, max=LONGEST), pitched[struck],
        pitched[strikes[struck]], torch.clamp(stay, max=LONGEST), torch.stack(echo, -1),
        torch.full_like(at, meter), at,
    )  # fmt: skip


def _latest(there: Tensor, at: Tensor, back: int = 1) -> Tensor:
    """Return one past the latest frame before each frame where `there` is true [T]; 0 if none."""
    marks = torch.where(there, at + 1, 0)
    latest = torch.cummax(marks, 0).values
    return torch.cat([torch.zeros(back, dtype=torch.int64), latest])[: len(at)]


def _delayed(part: Tensor, frames: int) -> Tensor:
    """Return `part` [T] delayed by so many frames."""
    return torch.cat([torch.full((frames,), UNHEARD), part])[: len(part)]
