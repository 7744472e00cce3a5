"""A net that hears the whole tune: its state is carried from the first segment to the last.

What it is told of segment i, all of it known before i sounds: the pitch before, the place in the
measure, the metre, the number of the measure (of eight), and what `recall` votes for. The chord
under segment i is told by a second head, which knows the pitch at i as well, and the chords before.
Conventions: T segments, B rows, C classes of pitch, K of chord, R sources of votes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.recall import SOURCES
from export.papers.melody_lstm.segments import METRES, PITCHES, SEGMENTS

MEASURES: Final = 8
"""After which their number goes round: two phrases."""
NOTHING: Final = 1e-3
"""What a vote has at least, so that its logarithm is finite."""
State = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """Sizes, and which parts there are."""

    hidden: int = 128
    embedding: int = 32
    place: int = 16
    """Width of the embeddings of place, metre and measure; 0: not told."""
    recall: int = len(SOURCES)
    """Sources of votes that are heard; 0: none."""
    chord_hidden: int = 96
    dropout: float = 0.3


@dataclass(frozen=True, slots=True)
class Told:
    """Inputs of the two heads."""

    before: Tensor
    """int64 [T, B]: the pitch before; `PITCHES` ahead of the tune."""
    place: Tensor
    """int64 [T, B, 3]: segment of the measure, metre, measure of eight."""
    votes: Tensor
    """float32 [T, B, R, C]"""
    pitch: Tensor
    """int64 [T, B]: the pitch now, for the chord alone."""
    chord_before: Tensor
    """int64 [T, B]: `CHORDS` ahead of the tune, and where chords are not told."""
    chord_votes: Tensor
    """float32 [T, B, R, K]"""


class Votes(nn.Module):
    """Logits from votes: each source counts as much as the context says."""

    def __init__(self, width: int, sources: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, sources)

    def forward(self, context: Tensor, votes: Tensor) -> Tensor:
        """[..., C] of a context [..., width] and votes [..., R, C]."""
        share = nn.functional.softplus(self.gate(context))
        return (share[..., None] * (votes + NOTHING).log()).sum(-2)


class TuneModel(nn.Module):
    """Logits of the next pitch, and of the chord under it."""

    def __init__(self, config: TuneConfig) -> None:
        super().__init__()
        self.config = config
        r = config.recall
        self.pitch = nn.Embedding(PITCHES + 1, config.embedding)
        counts = (SEGMENTS, len(METRES), MEASURES) if config.place else ()
        self.places = nn.ModuleList(nn.Embedding(n, config.place) for n in counts)
        width = config.embedding + len(counts) * config.place + r * PITCHES
        self.cell = nn.LSTM(width, config.hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.melody = nn.Linear(config.hidden + width, PITCHES)
        self.melody_votes = Votes(config.hidden + width, r) if r else None
        self.chord = nn.Embedding(CHORDS + 1, config.embedding)
        under = config.hidden + width + 2 * config.embedding
        self.under = nn.Linear(under, config.chord_hidden)
        self.harmony = nn.Linear(config.chord_hidden, CHORDS)
        self.harmony_votes = Votes(config.chord_hidden, r) if r else None

    def initial(self, rows: int) -> State:
        """The state ahead of a tune: zeros, twice [1, B, H]."""
        zeros = torch.zeros(1, rows, self.config.hidden)
        return zeros, zeros.clone()

    def listen(self, told: Told, state: State) -> tuple[Tensor, State]:
        """Context [T, B, width] before each segment, and the state after the last."""
        r = self.config.recall
        parts = [self.pitch(told.before)]
        parts += [e(p) for e, p in zip(self.places, told.place.unbind(-1), strict=False)]
        x = torch.cat([*parts, told.votes[:, :, :r].flatten(2)], 2)
        h, state = self.cell(x, state)
        return torch.cat([self.dropout(h), x], 2), state

    def melody_logits(self, context: Tensor, told: Told) -> Tensor:
        """Of the pitch [T, B, C]."""
        logits: Tensor = self.melody(context)
        if self.melody_votes is None:
            return logits
        return logits + self.melody_votes(context, told.votes[:, :, : self.config.recall])

    def chord_logits(self, context: Tensor, told: Told) -> Tensor:
        """Of the chord [T, B, K]."""
        known = [context, self.pitch(told.pitch), self.chord(told.chord_before)]
        under = self.dropout(torch.relu(self.under(torch.cat(known, 2))))
        logits: Tensor = self.harmony(under)
        if self.harmony_votes is None:
            return logits
        return logits + self.harmony_votes(under, told.chord_votes[:, :, : self.config.recall])
