"""A net that reads the whole tune: its state is carried from the first segment to the last.

Its inputs at segment i are known before i sounds: the pitch before, the place in the measure, the
meter, the number of the measure (of eight), and the votes of `recall`. A second head predicts the
chord under segment i; it also reads the pitch at i, and the chords before.

    h_i = LSTM(x_i, h_(i-1)),  context = [h_i; x_i]
    p(pitch_i) = softmax(W context + sum_r softplus(G context)_r ln(votes_r + 1e-3))
    u = relu(U [context; E pitch_i; E' chord_(i-1)])
    p(chord_i) = softmax(V u + sum_r softplus(G' u)_r ln(chord votes_r + 1e-3))

LSTM with a forget gate (Gers et al. 2000, see `export.models.cells.lstm`); the votes are a weighted
product of experts (Hinton 2002). The loss is the sum of both cross-entropies.
Conventions: T segments, B rows, C classes of pitch, K of chord, R sources of votes, H units;
float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.recall import SOURCES
from export.papers.melody_lstm.segments import METERS, PITCHES, SEGMENTS

MEASURES: Final = 8
"""Measures after which their number starts again: two phrases."""
NOTHING: Final = 1e-3
"""Added to each vote, so that its logarithm is finite."""
State = tuple[Tensor, Tensor]
"""Outputs h and cells c of the LSTM, [1, B, H] each."""


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """Sizes and parts of the net; a size of 0 leaves a part out."""

    hidden: int = 128
    embedding: int = 32
    place: int = 16
    """Width of the embeddings of place, meter and measure."""
    recall: int = len(SOURCES)
    """Number of sources of votes that are read."""
    chord_hidden: int = 96
    dropout: float = 0.3


@dataclass(frozen=True, slots=True)
class TuneInputs:
    """Inputs of the two heads."""

    before: Tensor
    """Pitch before, int64 [T, B]; `PITCHES` ahead of the tune."""
    place: Tensor
    """Segment of the measure, meter, measure of eight, int64 [T, B, 3]."""
    votes: Tensor
    """Votes on the pitch, float32 [T, B, R, C]."""
    pitch: Tensor
    """Pitch of the segment, for the chord's head alone, int64 [T, B]."""
    chord_before: Tensor
    """Chord before, int64 [T, B]; `CHORDS` ahead of the tune, and where chords are hidden."""
    chord_votes: Tensor
    """Votes on the chord, float32 [T, B, R, K]."""


class Votes(nn.Module):
    """Logits from votes, each source weighted by the context."""

    def __init__(self, width: int, sources: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, sources)

    def forward(self, context: Tensor, votes: Tensor) -> Tensor:
        """Return logits [..., C] from a context [..., width] and votes [..., R, C]."""
        share = nn.functional.softplus(self.gate(context))  # [..., R]
        return (share[..., None] * (votes + NOTHING).log()).sum(-2)  # [..., C]


class TuneModel(nn.Module):
    """Logits of the next pitch, and of the chord under it."""

    def __init__(self, config: TuneConfig) -> None:
        super().__init__()
        self.config = config
        r = config.recall
        self.pitch = nn.Embedding(PITCHES + 1, config.embedding)
        counts = (SEGMENTS, len(METERS), MEASURES) if config.place else ()
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
        """Return the state ahead of a tune: zeros, twice [1, B, H]."""
        zeros = torch.zeros(1, rows, self.config.hidden)
        return zeros, zeros.clone()

    def listen(self, inputs: TuneInputs, state: State) -> tuple[Tensor, State]:
        """Return the context [T, B, H + width of x] before each segment, and the last state."""
        r = self.config.recall
        parts = [self.pitch(inputs.before)]  # [T, B, embedding]
        parts += [e(p) for e, p in zip(self.places, inputs.place.unbind(-1), strict=False)]
        x = torch.cat([*parts, inputs.votes[:, :, :r].flatten(2)], 2)  # [T, B, width]
        h, state = self.cell(x, state)  # [T, B, H]
        return torch.cat([self.dropout(h), x], 2), state

    def melody_logits(self, context: Tensor, inputs: TuneInputs) -> Tensor:
        """Return logits of the pitch [T, B, C]."""
        logits: Tensor = self.melody(context)  # [T, B, C]
        if self.melody_votes is None:
            return logits
        return logits + self.melody_votes(context, inputs.votes[:, :, : self.config.recall])

    def chord_logits(self, context: Tensor, inputs: TuneInputs) -> Tensor:
        """Return logits of the chord [T, B, K]."""
        known = [context, self.pitch(inputs.pitch), self.chord(inputs.chord_before)]
        under = self.dropout(torch.relu(self.under(torch.cat(known, 2))))  # [T, B, chord_hidden]
        logits: Tensor = self.harmony(under)  # [T, B, K]
        if self.harmony_votes is None:
            return logits
        return logits + self.harmony_votes(under, inputs.chord_votes[:, :, : self.config.recall])
