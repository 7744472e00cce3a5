"""The network of the blues voice: a clock for the chords, and lines for melody and bass over it.

As in experiment 2 of Eck & Schmidhuber (2002, paper 003), the lines read the chords and not the
reverse, and the place in the form is in the cells of the clock alone. The clock steps once each
half bar, the lines once a frame; they also read the frame of the bar and the melody of four bars
ago. With LSTM cells (Gers et al. 2000, see `export.models.cells.lstm`):

    m_n = LSTM([onehot(chord_n); style], m_(n-1)),  p(chord_(n+1)) = softmax(W_c [m_n; style] + b_c)
    x_t = sum of table rows + W_a [style; m_n],  h_t = LSTM(x_t, h_(t-1))
    p(melody_t) p(bass_t) = softmax of both halves of W_o h_t + b_o

Conventions: T frames, B rows, N half bars; S styles, C chords, of `forms.CHORDS`. Parts have
classes of their own: 0 goes on, 1 a rest begins, 2 + i the i-th pitch of `PITCHES` from the lowest.
As inputs classes are one higher, and 0 stands for nothing, before the first frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.blues.forms import BAR, CHORDS, STYLES

PITCHES = 30
"""Pitches of each part."""
CLASSES = PITCHES + 2
MELODY_LOW, BASS_LOW = 55, 33
ECHO = 4 * BAR
"""Frames after which the network reads its melody again."""

Memory = tuple[Tensor, Tensor]
"""Outputs h and cells c of an LSTM, [1, B, width] each."""


@dataclass(frozen=True, slots=True)
class TrioConfig:
    """Sizes of the network."""

    clock: int = 24
    """Cells of the clock."""
    lines: int = 96
    embedding: int = 64


class Clock(nn.Module):
    """Follows the form: the next chord from the last, half bar by half bar."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.memory = nn.LSTM(len(CHORDS) + len(STYLES), cells)
        self.output = nn.Linear(cells + len(STYLES), len(CHORDS))

    def forward(
        self, chord: Tensor, style: Tensor, state: Memory | None = None
    ) -> tuple[Tensor, Memory]:
        """Return the place in the form [N, B, cells] after each chord, and the state.

        `chord` int64 [N, B], `style` [N, B, S].
        """
        given = F.one_hot(chord, len(CHORDS)).to(style.dtype)  # [N, B, C]
        output, after = self.memory(torch.cat([given, style], -1), state)  # [N, B, cells]
        return output, after

    def logits(self, place: Tensor, style: Tensor) -> Tensor:
        """Return logits [..., C] of the chord that follows `place` [..., cells].

        A place of zeros precedes the first chord.
        """
        return self.output(torch.cat([place, style], -1))


@dataclass(frozen=True, slots=True)
class LinesInput:
    """Inputs of the lines before a frame; int64 [T, B] but for the last two."""

    melody: Tensor
    """Class that sounds in the melody (the last that was not 0), plus 1."""
    bass: Tensor
    """Class that sounds in the bass, plus 1."""
    echo: Tensor
    """Class of the melody four bars before this frame, plus 1."""
    chord: Tensor
    """Index of the chord of this frame."""
    phase: Tensor
    """Frame of the bar."""
    style: Tensor
    """Weights of the styles [T, B, S]."""
    place: Tensor
    """Output of the clock at the head of the half bar [T, B, cells]."""

    @property
    def columns(self) -> Tensor:
        """All inputs but style and place, int64 [T, B, 5]."""
        return torch.stack([self.melody, self.bass, self.echo, self.chord, self.phase], -1)


class Lines(nn.Module):
    """Melody and bass, frame by frame."""

    SIZES = (CLASSES + 1, CLASSES + 1, CLASSES + 1, len(CHORDS), BAR)
    """Number of values of each column of `LinesInput`."""

    starts: Tensor

    def __init__(self, config: TrioConfig) -> None:
        super().__init__()
        starts = torch.tensor([0, *self.SIZES[:-1]]).cumsum(0)
        self.register_buffer("starts", starts, persistent=False)
        self.table = nn.Embedding(sum(self.SIZES), config.embedding)
        self.around = nn.Linear(len(STYLES) + config.clock, config.embedding)
        self.memory = nn.LSTM(config.embedding, config.lines)
        self.output = nn.Linear(config.lines, 2 * CLASSES)
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, inputs: LinesInput, state: Memory | None = None) -> tuple[Tensor, Memory]:
        """Return logits [T, B, 2, CLASSES] of melody and bass, and the state after them."""
        x = self.table(inputs.columns + self.starts).sum(-2)  # [T, B, embedding]
        x = x + self.around(torch.cat([inputs.style, inputs.place], -1))  # [T, B, embedding]
        output, after = self.memory(x, state)  # [T, B, lines]
        return self.output(output).unflatten(-1, (2, CLASSES)), after


class Trio(nn.Module):
    """The whole network: the clock and the lines."""

    def __init__(self, config: TrioConfig) -> None:
        super().__init__()
        self.config = config
        self.clock = Clock(config.clock)
        self.lines = Lines(config)
