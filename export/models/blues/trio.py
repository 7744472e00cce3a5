"""The network of the voice: a clock for the chords, and lines for melody and bass over it.

As in the paper chords are heard by the lines and not the reverse, and what the chords need to know
of the form is in the memory of their own cells. The clock steps once each half bar; the lines once
a frame, and are told where in the bar they are, and what the melody was four bars ago.

Conventions: T frames, B rows, N half bars; S styles, C chords, of `forms.CHORDS`. Parts have
classes of their own: 0 goes on, 1 a rest begins, 2 + i the i-th pitch of `PITCHES` from the lowest.
Where the network hears a class it is one more, and 0 is nothing: before the first frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.blues.forms import BAR, CHORDS, STYLES

PITCHES = 30
"""Of each part."""
CLASSES = PITCHES + 2
MELODY_LOW, BASS_LOW = 55, 33
ECHO = 4 * BAR
"""Frames after which the melody is heard again by the network."""

Memory = tuple[Tensor, Tensor]
"""Outputs and cells [1, B, width]."""


@dataclass(frozen=True, slots=True)
class TrioConfig:
    """Sizes."""

    clock: int = 24
    """Cells that keep the place in the form."""
    lines: int = 96
    embedding: int = 64


class Clock(nn.Module):
    """Keeps the place in the form: the next chord from the last, half bar by half bar."""

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.memory = nn.LSTM(len(CHORDS) + len(STYLES), cells)
        self.output = nn.Linear(cells + len(STYLES), len(CHORDS))

    def forward(
        self, chord: Tensor, style: Tensor, state: Memory | None = None
    ) -> tuple[Tensor, Memory]:
        """Memory [N, B, cells] after `chord` [N, B] under `style` [N, B, S], and the state."""
        heard = F.one_hot(chord, len(CHORDS)).to(style.dtype)
        output, after = self.memory(torch.cat([heard, style], -1), state)
        return output, after

    def logits(self, place: Tensor, style: Tensor) -> Tensor:
        """[..., C] the chord that follows memory `place` [..., cells]; zeros: the first."""
        return self.output(torch.cat([place, style], -1))


@dataclass(frozen=True, slots=True)
class Heard:
    """What the lines know before a frame, all [T, B] but the last two."""

    melody: Tensor
    """What sounds: the last class but 0, and one more."""
    bass: Tensor
    echo: Tensor
    """Class of the melody four bars before this frame, and one more."""
    chord: Tensor
    """Index of the chord of this frame."""
    phase: Tensor
    """Frame of the bar."""
    style: Tensor
    """[T, B, S]"""
    place: Tensor
    """[T, B, cells] memory of the clock at the head of the half bar."""

    @property
    def columns(self) -> Tensor:
        """All but style and place, [T, B, 5]."""
        return torch.stack([self.melody, self.bass, self.echo, self.chord, self.phase], -1)


class Lines(nn.Module):
    """Melody and bass, each frame by frame."""

    SIZES = (CLASSES + 1, CLASSES + 1, CLASSES + 1, len(CHORDS), BAR)
    """Of the columns of `Heard`."""

    def __init__(self, config: TrioConfig) -> None:
        super().__init__()
        starts = torch.tensor([0, *self.SIZES[:-1]]).cumsum(0)
        self.register_buffer("starts", starts, persistent=False)
        self.table = nn.Embedding(sum(self.SIZES), config.embedding)
        self.around = nn.Linear(len(STYLES) + config.clock, config.embedding)
        self.memory = nn.LSTM(config.embedding, config.lines)
        self.output = nn.Linear(config.lines, 2 * CLASSES)
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, heard: Heard, state: Memory | None = None) -> tuple[Tensor, Memory]:
        """Logits [T, B, 2, CLASSES] of melody and bass, and the state after them."""
        x = self.table(heard.columns + self.starts).sum(-2)
        x = x + self.around(torch.cat([heard.style, heard.place], -1))
        output, after = self.memory(x, state)
        return self.output(output).unflatten(-1, (2, CLASSES)), after


class Trio(nn.Module):
    """The whole network."""

    def __init__(self, config: TrioConfig) -> None:
        super().__init__()
        self.config = config
        self.clock = Clock(config.clock)
        self.lines = Lines(config)
