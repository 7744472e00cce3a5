"""Four parts at the sixteenth grid: a recurrence over frames, and inside a frame part after part.

A frame is the pitches of the four parts in one sixteenth; a pitch that stays is held. Parts are
predicted in the order of the configuration, each given those already chosen:

    ln P(frame | past) = sum_p ln P(part p | past, parts before p)
    x = sum of rows of a table: pitches, how long held, melodic and harmonic intervals, the clock
    h = LSTM(x)
    a_p = silu(norm(W_p h + sum of rows of a table of p: past of all parts, parts chosen so far))
    a_p = a_p + silu(W_2,p a_p)
    logits(c) = A_p(a_p)[c] + R_p(a_p)[c - last pitch of p]

The last term depends on intervals only, so that steps and holding are learned for every key at
once. LSTM: `export.models.cells.lstm`.

Conventions: T frames, B rows, H width of the recurrence, U width of a part's layer, W width of the
state; classes and parts as in `corpus.satb`, int64; losses in nats; float32. Within this module
parts stand in the order in which they are chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.corpus.satb import CLASSES, MODES, PARTS
from export.models import validate
from export.models.cells.lstm import LSTM
from export.models.cells.mingru import MinGRU, Norm
from export.models.cross_entropy import nats
from export.models.polyphony.chorale_past import FRAME_SIZES, START, Known, Past, part_sizes
from stream.errors import SettingsError

FAR = -1000
"""A pitch so low that no class is within reach of it."""
REACH = 15
"""Semitones up and down that the relative output has."""
TAGS = (*(f"mode:{m}" for m in MODES), "closing")
CELLS: dict[str, type[LSTM | MinGRU]] = {"lstm": LSTM, "mingru": MinGRU}


@dataclass(frozen=True, slots=True)
class ChoraleConfig:
    """Sizes of a chorale model. Raises `SettingsError` for an invalid one."""

    hidden: int = 192
    depth: int = 2
    part_width: int = 128
    cell: str = "lstm"
    order: str = "SBTA"
    """Initials of the parts in the order in which those of a frame are chosen."""
    dropout: float = 0.25
    """Dropout rate of the recurrence's input and state, with one mask for a whole chunk."""
    part_dropout: float = 0.3
    """Dropout rate of the parts' layers."""

    def __post_init__(self) -> None:
        validate.sizes(self, "hidden", "depth", "part_width")
        validate.rates(self, "dropout", "part_dropout")
        validate.choice(self, "cell", CELLS)
        if sorted(self.order) != sorted("SATB"):
            raise SettingsError(f"--order {self.order}: must name S, A, T and B once each")

    @property
    def parts(self) -> tuple[int, ...]:
        """Indices of the parts in the order in which they are chosen."""
        return tuple("SATB".index(letter) for letter in self.order)


class Chorale(nn.Module):
    """The model; `loss` trains it, `advance`, `logits` and `Past` make its step."""

    def __init__(self, config: ChoraleConfig) -> None:
        super().__init__()
        self.config = config
        self.table = Table(FRAME_SIZES, config.hidden)
        self.tags = nn.Linear(len(TAGS), config.hidden, bias=False)
        self.cell = CELLS[config.cell](config.hidden, config.hidden, config.depth)
        self.heads = nn.ModuleList(
            Head(config.hidden, config.part_width, i, config.part_dropout)
            for i in range(len(PARTS))
        )

    @property
    def width(self) -> int:
        """W: width of the recurrence's state."""
        return self.cell.width

    def initial(self, rows: int) -> Tensor:
        return self.cell.initial(rows)

    def nats(
        self, frames: Tensor, past: Past, tags: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return -ln p of each part [T, B, 4], 0 where padded, and the last state [B, W].

        `frames` int64 [T, B, 4] and the past before each, `tags` [T, B, 3], `mask` bool [T, B],
        `state` [B, W]; the parts from soprano to bass.
        """
        order = list(self.config.parts)
        frames, known = frames[..., order], Known(past.ordered(order))
        rate = self.config.dropout if self.training else 0.0
        # Output [T, B, H] and state [B, W].
        output, state = self.cell(self.embedded(known, tags), state, mask, (rate, rate))
        output = F.dropout(output, self.config.part_dropout, training=self.training)
        chosen = [  # [T, B] each
            nats(self.logits(i, output, known, frames[..., :i]), frames[..., i])
            for i in range(len(PARTS))
        ]
        by_part = torch.stack([chosen[order.index(p)] for p in range(len(PARTS))], dim=-1)
        return by_part * mask[..., None], state

    def embedded(self, known: Known, tags: Tensor) -> Tensor:
        """Return the recurrence's input [..., H] from the past and `tags` [..., 3]."""
        return self.table(known.of_frame()) + self.tags(tags)

    def logits(self, i: int, output: Tensor, known: Known, chosen: Tensor) -> Tensor:
        """Return logits [..., 64] of the part that follows those in `chosen` int64 [..., i].

        `output` [..., H] is the recurrence's.
        """
        return self.heads[i](output, known.of_part(i, chosen), known.past.pitch[..., i])


class Table(nn.Module):
    """Sums of rows, one for each feature: y = sum_f W[offset_f + x_f].

    This is a linear layer of one-hot vectors.
    """

    offsets: Tensor

    def __init__(self, sizes: Sequence[int], width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(sum(sizes), width) * len(sizes) ** -0.5)
        offsets = torch.tensor([0, *sizes[:-1]]).cumsum(0)
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return [..., width] from features int64 [..., F]."""
        rows = (features + self.offsets).flatten(0, -2)  # int64 [N, F]
        summed = F.embedding_bag(rows, self.weight, mode="sum")  # [N, width]
        return summed.view(*features.shape[:-1], -1)  # [..., width]


class Head(nn.Module):
    """A part of a frame, given the recurrence's output, features and the part's last pitch."""

    classes: Tensor

    def __init__(self, hidden: int, width: int, chosen: int, dropout: float) -> None:
        super().__init__()
        self.table = Table(part_sizes(chosen), width)
        self.dropout = nn.Dropout(dropout)
        self.context = nn.Linear(hidden, width)
        self.norm = Norm(width)
        self.mix = nn.Linear(width, width)
        self.out = nn.Linear(width, CLASSES + 2 * REACH + 1)
        self.register_buffer("classes", torch.arange(CLASSES), persistent=False)

    def forward(self, output: Tensor, features: Tensor, pitch: Tensor) -> Tensor:
        """Return logits [..., 64] from `output` [..., H] and `features` int64 [..., F].

        `pitch` int64 [...] is the last pitch of the part.
        """
        given = self.context(output) + self.table(features)  # [..., U]
        a = self.dropout(F.silu(self.norm(given)))  # [..., U]
        a = self.dropout(a + F.silu(self.mix(a)))  # [..., U]
        absolute, relative = self.out(a).split([CLASSES, 2 * REACH + 1], dim=-1)  # [..., 64 | 31]
        # Beyond the reach, and before the first frame, zero is added.
        nothing = relative[..., :1] - relative[..., :1]  # [..., 1]
        relative = torch.cat([nothing, relative, nothing], dim=-1)  # [..., 33]
        pitch = torch.where(pitch == START, FAR, pitch)  # int64 [...]
        steps = self.classes - pitch[..., None] + REACH + 1  # int64 [..., 64]
        return absolute + torch.gather(relative, -1, torch.clamp(steps, 0, 2 * REACH + 2))
