"""A lead sheet at the sixteenth grid: in each frame the chord first, then the melody, given it.

Conventions: `...` are T frames and B rows, or K candidates; frames as in `export.lead.lead_sheet`,
classes as in the runtime; H width of the recurrence, U width of a head; losses in nats.

    x = sum of rows of a table: melody, chord, ages, intervals, the clock, what was bars ago
    h = LSTM(x)
    a = W h + sum of rows of a table of the head
    chord(q, r)  = A(a)[q, r] + R(a)[q, r - root of the chord before] + held(a) where it is the same
    melody(c)    = A(a)[c] + R(a)[c - last pitch] + C(a)[c - root of the chord]

The terms with differences are the same in every key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.lead.past import (
    BARS,
    CHORD_SIZES,
    FRAME_SIZES,
    MELODY_SIZES,
    NONE,
    Known,
    root_of,
)
from export.models.lstm import LSTM
from export.models.mingru import Norm
from export.models.polyphony.chorale import Table
from stream.compose.polyphony.lead_frames import LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES
from stream.errors import SettingsError

OCTAVE: Final = 12
REACH: Final = 15
"""Semitones up and down that the relative output knows."""
STYLES: Final = ("song", "jazz", "folk")
TAGS: Final = (*(f"style:{s}" for s in STYLES), *(f"bar:{b}" for b in BARS), "closing")


@dataclass(frozen=True, slots=True)
class LeadSheetConfig:
    """Sizes of the model. Raises `SettingsError` for one that can not be."""

    hidden: int = 160
    depth: int = 2
    width: int = 96
    """Of a head's layer."""
    dropout: float = 0.4
    """Of the recurrence's input and state, as one mask for a whole chunk."""
    head_dropout: float = 0.4

    def __post_init__(self) -> None:
        for name in ("hidden", "depth", "width"):
            if getattr(self, name) < 1:
                raise SettingsError(f"--{name} {getattr(self, name)}: must be 1 or more")
        for name in ("dropout", "head_dropout"):
            if not 0 <= getattr(self, name) < 1:
                flag = name.replace("_", "-")
                raise SettingsError(f"--{flag} {getattr(self, name)}: must be at least 0, below 1")


class LeadSheet(nn.Module):
    """The model; `nats` trains it, `embedded`, `chord` and `melody` make its step."""

    def __init__(self, config: LeadSheetConfig) -> None:
        super().__init__()
        self.config = config
        self.table = Table(FRAME_SIZES, config.hidden)
        self.tags = nn.Linear(len(TAGS), config.hidden, bias=False)
        self.cell = LSTM(config.hidden, config.hidden, config.depth)
        self.chords = Head(config, CHORD_SIZES, 2 * CLASSES)
        self.lines = Head(config, MELODY_SIZES, LINE + 2 * REACH + 1 + OCTAVE)
        classes, pitches = torch.arange(CLASSES), torch.arange(LINE)
        constants = {
            "classes": classes,
            "quality": classes[:-1] // OCTAVE * OCTAVE,
            "root": classes[:-1] % OCTAVE,
            "pitches": pitches,
            "strikes": (pitches >= STRUCK).float(),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def width(self) -> int:
        """Numbers that the recurrence remembers."""
        return self.cell.width

    def initial(self, rows: int) -> Tensor:
        return self.cell.initial(rows)

    def nats(
        self, frames: Tensor, known: Known, tags: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Minus log-probability of each head [T, B, 2], 0 where padded, and the last state [B, W].

        `frames` int64 [T, B, 2] and what is known before each, `tags` [T, B, S], `mask` [T, B],
        `state` [B, W].
        """
        melody, chord, state = self.logits(frames, known, tags, mask, state)
        nats = torch.stack([_nats(melody, frames[..., 0]), _nats(chord, frames[..., 1])], -1)
        return nats * mask[..., None], state

    def logits(
        self, frames: Tensor, known: Known, tags: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of the melody [T, B, 90], given the true chord, of the chord [T, B, 145]; the state."""
        rate = self.config.dropout if self.training else 0.0
        output, state = self.cell(self.embedded(known, tags), state, mask, (rate, rate))
        output = F.dropout(output, self.config.head_dropout, training=self.training)
        return (
            self.melody(output, known, frames[..., 1]),
            self.chord(output, known),
            state,
        )

    def embedded(self, known: Known, tags: Tensor) -> Tensor:
        """[..., H]: what the recurrence reads of the past and of `tags` [..., S]."""
        return self.table(known.of_frame()) + self.tags(tags)

    def chord(self, output: Tensor, known: Known) -> Tensor:
        """[..., 145] logits."""
        found = self.chords(output, known.of_chord())
        absolute, held, relative = found.split([CLASSES, 1, CLASSES - 1], dim=-1)
        steps = self.quality + (self.root - known.reference[..., None]) % OCTAVE
        none, some = absolute.split([1, CLASSES - 1], dim=-1)
        again = (self.classes == known.chord[..., None]).float()
        return torch.cat([none, some + torch.gather(relative, -1, steps)], -1) + held * again

    def melody(self, output: Tensor, known: Known, chord: Tensor) -> Tensor:
        """[..., 90] logits beside the chord [...] of the same frame."""
        found = self.lines(output, known.of_melody(chord))
        absolute, relative, over = found.split([LINE, 2 * REACH + 1, OCTAVE], dim=-1)
        nothing = relative[..., :1] - relative[..., :1]
        relative = torch.cat([nothing, relative, nothing], dim=-1)
        # Before the first note nothing is within reach.
        last = torch.where(known.last == 0, -1000, known.last)
        steps = torch.clamp(self.pitches - last[..., None] + REACH + 1, 0, 2 * REACH + 2)
        root = root_of(chord)
        degrees = (self.pitches - root[..., None] - 5) % OCTAVE
        there = (root < NONE).float()[..., None]
        added = torch.gather(relative, -1, steps) + torch.gather(over, -1, degrees) * there
        return absolute + added * self.strikes


def _nats(logits: Tensor, target: Tensor) -> Tensor:
    flat = F.cross_entropy(logits.flatten(0, -2), target.flatten(), reduction="none")
    return flat.view(target.shape)


class Head(nn.Module):
    """One head, given the recurrence's output and features of its own."""

    def __init__(self, config: LeadSheetConfig, sizes: Sequence[int], classes: int) -> None:
        super().__init__()
        self.table = Table(sizes, config.width)
        self.dropout = nn.Dropout(config.head_dropout)
        self.context = nn.Linear(config.hidden, config.width)
        self.norm = Norm(config.width)
        self.mix = nn.Linear(config.width, config.width)
        self.out = nn.Linear(config.width, classes)

    def forward(self, output: Tensor, features: Tensor) -> Tensor:
        """[..., classes] from [..., H] and [..., features]."""
        a = self.dropout(F.silu(self.norm(self.context(output) + self.table(features))))
        return self.out(self.dropout(a + F.silu(self.mix(a))))
