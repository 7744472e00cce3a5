"""A lead sheet at the sixteenth grid: in each frame the chord, then the melody given that chord.

    p(frame | past) = p(chord | past) p(melody | past, chord)
    x = sum of rows of a table: melody, chord, ages, intervals, the clock, frames of bars ago
    h = LSTM(x)
    a = silu(norm(W h + sum of rows of a table of the head)),  a = a + silu(W_2 a)
    chord(q, r)  = A(a)[q, r] + R(a)[q, r - root of the chord before] + held(a) where it is the same
    melody(c)    = A(a)[c] + R(a)[c - last pitch] + C(a)[c - root of the chord]

The last two are logits for qualities q, roots r and melody classes c; A, R, C and held are linear.
The terms with differences are the same in every key. LSTM: `export.models.cells.lstm`.

Conventions: `...` are T frames and B rows, or K candidates; frames as in `export.lead.lead_sheet`,
classes as in the runtime; H width of the recurrence, U width of a head, W width of the state, S
tags; losses in nats; float32, classes and features int64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models import validate
from export.models.cells.lstm import LSTM
from export.models.cells.mingru import Norm
from export.models.cross_entropy import nats
from export.models.lead.past import (
    BARS,
    CHORD_SIZES,
    FRAME_SIZES,
    MELODY_SIZES,
    NONE,
    ROOTS,
    Known,
    Reader,
    Rows,
)
from export.models.polyphony.chorale import Table
from stream.compose.polyphony.lead_frames import LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES

OCTAVE: Final = 12
REACH: Final = 15
"""Semitones up and down that the relative output has."""
NOTHING: Final = 2 * REACH + 1 + OCTAVE
"""Index behind the differences of the melody, where nothing is added."""
STYLES: Final = ("song", "jazz", "folk")
TAGS: Final = (*(f"style:{s}" for s in STYLES), *(f"bar:{b}" for b in BARS), "closing")


@dataclass(frozen=True, slots=True)
class LeadSheetConfig:
    """Sizes of the model. Raises `SettingsError` for an invalid one."""

    hidden: int = 160
    depth: int = 2
    width: int = 96
    """U: width of a head's layer."""
    dropout: float = 0.4
    """Dropout rate of the recurrence's input and state, with one mask for a whole chunk."""
    head_dropout: float = 0.4

    def __post_init__(self) -> None:
        validate.sizes(self, "hidden", "depth", "width")
        validate.rates(self, "dropout", "head_dropout")


class LeadSheet(nn.Module):
    """The model; `nats` trains it, `reader`, `embedded`, `chord` and `melody` make its step."""

    classes: Tensor
    steps: Tensor
    intervals: Tensor
    degrees: Tensor

    def __init__(self, config: LeadSheetConfig) -> None:
        super().__init__()
        self.config = config
        self.table = Table(FRAME_SIZES, config.hidden)
        self.tags = nn.Linear(len(TAGS), config.hidden, bias=False)
        self.cell = LSTM(config.hidden, config.hidden, config.depth)
        self.chords = Head(config, CHORD_SIZES, 2 * CLASSES)
        self.lines = Head(config, MELODY_SIZES, LINE + 2 * REACH + 1 + OCTAVE)
        self.reader = Reader()
        constants = {
            "classes": torch.arange(CLASSES),
            "steps": _steps(),
            "intervals": _intervals(),
            "degrees": _degrees(),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def width(self) -> int:
        """W: width of the recurrence's state."""
        return self.cell.width

    def initial(self, rows: int) -> Tensor:
        return self.cell.initial(rows)

    def nats(
        self, frames: Tensor, known: Known, tags: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return -ln p of each head [T, B, 2], 0 where padded, and the last state [B, W].

        `frames` int64 [T, B, 2] and `known`, the past before each, `tags` [T, B, S], `mask` bool
        [T, B], `state` [B, W].
        """
        melody, chord, state = self.logits(frames, known, tags, mask, state)
        heads = torch.stack([nats(melody, frames[..., 0]), nats(chord, frames[..., 1])], -1)
        return heads * mask[..., None], state

    def logits(
        self, frames: Tensor, known: Known, tags: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of the melody [T, B, 90], of the chord [T, B, 145], and the last state.

        The melody is given the true chord of its frame.
        """
        rate = self.config.dropout if self.training else 0.0
        rows = self.reader(known)
        # Output [T, B, H] and state [B, W].
        output, state = self.cell(self.embedded(rows, tags), state, mask, (rate, rate))
        output = F.dropout(output, self.config.head_dropout, training=self.training)
        chord = self.chord(output, known, rows)
        return self.melody(output, known, rows, frames[..., 1]), chord, state

    def embedded(self, rows: Rows, tags: Tensor) -> Tensor:
        """Return the recurrence's input [..., H] from the past and `tags` [..., S]."""
        return self.table(rows.frame) + self.tags(tags)

    def chord(self, output: Tensor, known: Known, rows: Rows) -> Tensor:
        """Return logits [..., 145] of the chord from the recurrence's output [..., H]."""
        found = self.chords(output, rows.chord)  # [..., 145 + 1 + 144]
        absolute, held, relative = found.split([CLASSES, 1, CLASSES - 1], dim=-1)
        none, some = absolute.split([1, CLASSES - 1], dim=-1)  # [..., 1], [..., 144]
        again = torch.eq(self.classes, known.chord[..., None]).to(torch.float32)  # [..., 145]
        steps = torch.gather(relative, -1, self.steps[rows.reference[..., 0]])  # [..., 144]
        return torch.cat([none, some + steps], -1) + held * again

    def melody(self, output: Tensor, known: Known, rows: Rows, chord: Tensor) -> Tensor:
        """Return logits [..., 90] of the melody over the chord int64 [...] of the same frame."""
        found = self.lines(output, self.reader.of_melody(known, rows, chord))  # [..., 90 + 43]
        absolute, differences = found.split([LINE, 2 * REACH + 1 + OCTAVE], dim=-1)
        # A zero behind them, for pitches beyond reach and for classes that strike no pitch.
        nothing = differences[..., :1] - differences[..., :1]  # [..., 1]
        differences = torch.cat([differences, nothing], dim=-1)  # [..., 44]
        by = torch.gather(differences, -1, self.intervals[known.last])  # [..., 90]
        over = torch.gather(differences, -1, self.degrees[self.reader.root[chord + 1]])
        return absolute + by + over


def _steps() -> Tensor:
    """Return the difference of each chord from each reference root, int64 [12, 144].

    The quality is the same on both sides.
    """
    chords = torch.arange(CLASSES - 1)[None]
    return chords // OCTAVE * OCTAVE + (chords - torch.arange(OCTAVE)[:, None]) % OCTAVE


def _intervals() -> Tensor:
    """Return the difference of each class from the class struck last, int64 [90, 90]."""
    last, now = torch.arange(LINE)[:, None], torch.arange(LINE)[None]
    there = (last > 0) & (now >= STRUCK) & ((now - last).abs() <= REACH)
    return torch.where(there, now - last + REACH, NOTHING)


def _degrees() -> Tensor:
    """Return the difference of each class from the root of the chord, int64 [14, 90]."""
    root, now = torch.arange(ROOTS)[:, None], torch.arange(LINE)[None]
    there = (root < NONE) & (now >= STRUCK)
    return torch.where(there, 2 * REACH + 1 + (now + 7 - root) % OCTAVE, NOTHING)


class Head(nn.Module):
    """A head, given the recurrence's output and features of its own."""

    def __init__(self, config: LeadSheetConfig, sizes: Sequence[int], classes: int) -> None:
        super().__init__()
        self.table = Table(sizes, config.width)
        self.dropout = nn.Dropout(config.head_dropout)
        self.context = nn.Linear(config.hidden, config.width)
        self.norm = Norm(config.width)
        self.mix = nn.Linear(config.width, config.width)
        self.out = nn.Linear(config.width, classes)

    def forward(self, output: Tensor, features: Tensor) -> Tensor:
        """Return [..., classes] from `output` [..., H] and `features` int64 [..., features]."""
        given = self.context(output) + self.table(features)  # [..., U]
        a = self.dropout(F.silu(self.norm(given)))  # [..., U]
        return self.out(self.dropout(a + F.silu(self.mix(a))))  # [..., classes]
