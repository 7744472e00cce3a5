"""Lead sheets as padded batches of chunks, and how likely a model finds them.

Conventions: T frames a chunk, B rows. A row plays sheet after sheet, each from a fresh state; the
state is carried from chunk to chunk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from export.lead.lead_sheet import Sheet, transposed
from export.models.lead import whole
from export.models.lead.lead_sheet import STYLES, TAGS, LeadSheet
from export.models.lead.past import BARS, Known
from export.training.lanes import lanes, spans

CLOSING = 64
"""Frames from the end in which the closing tag rises."""
DROPOUT = 0.3
"""Share of the sheets learned without their style, and without the closing tag."""
ROWS, LENGTH = 26, 128
"""Rows and frames of a batch that is measured."""


@dataclass(frozen=True, slots=True)
class Score:
    """One sheet with what is known before each frame, all [T, ...]."""

    frames: Tensor
    known: Known
    tags: Tensor

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True, slots=True)
class Batch:
    """One chunk of every row."""

    frames: Tensor
    """Melody and chord, int64 [T, B, 2]."""
    known: Known
    tags: Tensor
    """Tags, float32 [T, B, S]."""
    mask: Tensor
    """True for the frames that count, bool [T, B]."""
    cold: Tensor
    """True if the row begins a sheet, or is idle, bool [B]."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a split: nats per frame, and shares of frames whose likeliest class is true."""

    melody: float
    chord: float
    melody_right: float
    chord_right: float
    change_right: float
    """Share of the frames in which the chord changes."""
    frames: int

    @property
    def nats(self) -> float:
        return self.melody + self.chord


def meter_of(sheet: Sheet) -> int:
    """Return the index of the meter in BARS."""
    return list(BARS).index(int(sheet.meter.partition("x")[0]))


def score_of(sheet: Sheet, semitones: int = 0) -> Score:
    """Return a sheet in another key, with all its tags."""
    frames = torch.from_numpy(transposed(sheet.frames, semitones))
    tags = torch.zeros(len(frames), len(TAGS))
    tags[:, STYLES.index(sheet.style)] = 1
    tags[:, len(STYLES) + meter_of(sheet)] = 1
    remaining = len(frames) - torch.arange(len(frames))
    tags[:, -1] = torch.clamp(1 - remaining / CLOSING, min=0)
    return Score(frames, whole.known(frames, meter_of(sheet)), tags)


def without_tags(score: Score, style: float = 0.0, closing: float = 0.0) -> Score:
    """Return the sheet with these shares of its style and of its closing tag."""
    tags = score.tags.clone()
    tags[:, : len(STYLES)] *= style
    tags[:, -1] *= closing
    return dataclasses.replace(score, tags=tags)


def drawn(sheets: Sequence[Sheet], reach: int, rng: np.random.Generator) -> list[Score]:
    """Return each sheet once, in random order, up to `reach` semitones away, some without tags."""
    found = []
    for i in rng.permutation(len(sheets)):
        score = score_of(sheets[i], int(rng.integers(-reach, reach, endpoint=True)))
        found.append(without_tags(score, *(rng.random(2) >= DROPOUT).astype(float).tolist()))
    return found


def chunked(scores: Sequence[Score], rows: int, length: int) -> Iterator[Batch]:
    """Yield the batches of one pass over the sheets in their order."""
    cut = ([(score, *span) for span in spans(len(score), length)] for score in scores)
    yield from map(_padded, lanes(cut, rows))


def _padded(chunks: Sequence[tuple[Score, int, int] | None]) -> Batch:
    longest = max(c[2] - c[1] for c in chunks if c)
    filler = next(c[0] for c in chunks if c)
    parts = [c or (filler, 0, 0) for c in chunks]
    mask = torch.stack([torch.arange(longest) < b - a for _, a, b in parts], 1)
    known = Known(
        *(
            torch.stack([_cut_out(getattr(s.known, name), a, b, longest) for s, a, b in parts], 1)
            for name in Known.__slots__
        )
    )
    frames, tags = (
        torch.stack([_cut_out(getattr(s, name), a, b, longest) for s, a, b in parts], 1)
        for name in ("frames", "tags")
    )
    return Batch(frames, known, tags, mask, torch.tensor([a == 0 for _, a, _ in parts]))


def _cut_out(values: Tensor, begin: int, end: int, length: int) -> Tensor:
    """Return a part of the values [length, ...], with zeros behind."""
    out = values.new_zeros((length, *values.shape[1:]))
    out[: end - begin] = values[begin:end]
    return out


@torch.no_grad()
def measured(model: LeadSheet, scores: Sequence[Score]) -> Figures:
    """Return the figures of the sheets with the tags that they have."""
    model.eval()
    rows = min(ROWS, len(scores))
    state, sums, frames, changes = model.initial(rows), np.zeros(5), 0, 0
    for batch in chunked(sorted(scores, key=len, reverse=True), rows, LENGTH):
        state = torch.where(batch.cold[:, None], 0.0, state)
        melody, chord, state = model.logits(
            batch.frames, batch.known, batch.tags, batch.mask, state
        )
        new = batch.mask & (batch.known.chord != batch.frames[..., 1])
        for i, logits in enumerate((melody, chord)):
            target = batch.frames[..., i]
            own = torch.log_softmax(logits, -1).gather(-1, target[..., None])[..., 0]
            right = (logits.argmax(-1) == target) & batch.mask
            sums[i] -= float((own * batch.mask).sum())
            sums[2 + i] += int(right.sum())
        sums[4] += int((right & new).sum())
        frames, changes = frames + int(batch.mask.sum()), changes + int(new.sum())
    melody, chord, melody_right, chord_right = (sums[:4] / frames).tolist()
    change_right = float(sums[4] / max(changes, 1))
    return Figures(melody, chord, melody_right, chord_right, change_right, frames)
