"""A companion: it composes one part for a phrase whose other parts are there.

A frame is a token of each head in one sixteenth. Heads are predicted one after another:

    ln P(frame | past, context) = sum_h ln P(head h | past, context, heads before h)
    e = W_2 silu(W_1 c + T tags + sum of rows of a table: own tokens some frames ago)
    x = sum of rows of a table: the tokens of the frame before, plus e
    y = cell(x)
    a_h = silu(norm(B_h (y, e) + sum of rows of a table of h: tokens of the heads before h))
    logits_h = A_h (a_h + silu(M_h a_h))

The context c tells what the other parts do now and in the bars to come, so that a recurrence over
the past alone hears the whole phrase. A part that repeats bars may read its own tokens of a bar ago
(`echo`), which no small state holds one by one. Cell: `export.models.cells.mingru` or
`export.models.cells.lstm`.

Conventions: T frames, B rows, M heads, C width of the context, S tags, H width of the recurrence, U
width of a head's layer, W width of the state; tokens int64, all else float32; losses in nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models import validate
from export.models.cells.mingru import Norm
from export.models.cross_entropy import nats
from export.models.polyphony.chorale import CELLS, Table


@dataclass(frozen=True, slots=True)
class CompanionConfig:
    """Sizes of a companion. Raises `SettingsError` for an invalid one."""

    role: str = ""
    """Name of the companion."""
    heads: tuple[int, ...] = ()
    """Classes of each head."""
    context: int = 0
    """Width of the context."""
    tags: tuple[str, ...] = ()
    hidden: int = 160
    depth: int = 2
    head_width: int = 64
    cell: str = "mingru"
    echo: tuple[int, ...] = ()
    """Frames ago of own tokens that are read besides the last one, such as a bar."""
    dropout: float = 0.1
    """Dropout rate of the recurrence's input and state, with one mask for a whole chunk."""
    head_dropout: float = 0.15
    """Dropout rate of the recurrence's output and the heads' layers."""

    def __post_init__(self) -> None:
        validate.sizes(self, "hidden", "depth", "head_width")
        validate.rates(self, "dropout", "head_dropout")
        validate.choice(self, "cell", CELLS)


class CompanionNet(nn.Module):
    """The model; `nats` trains it, `embedded`, `cell` and `logits` make its step."""

    def __init__(self, config: CompanionConfig) -> None:
        super().__init__()
        self.config = config
        self.hear = nn.Linear(config.context, config.hidden)
        self.tags = nn.Linear(len(config.tags), config.hidden, bias=False) if config.tags else None
        self.mix = nn.Linear(config.hidden, config.hidden)
        sizes = [classes + 1 for classes in config.heads]
        self.table = Table(sizes, config.hidden)
        self.echo = Table(sizes * len(config.echo), config.hidden) if config.echo else None
        self.cell = CELLS[config.cell](config.hidden, config.hidden, config.depth)
        self.heads = nn.ModuleList(Head(config, i) for i in range(len(config.heads)))

    @property
    def width(self) -> int:
        """W: width of the recurrence's state."""
        return self.cell.width

    def initial(self, rows: int) -> Tensor:
        """Return the state before the first frame [rows, W]."""
        return self.cell.initial(rows)

    def heard(self, context: Tensor, tags: Tensor, echoes: Tensor) -> Tensor:
        """Return e [..., H] from `context` [..., C] and `tags` [..., S].

        `echoes` int64 [..., E M] are the tokens of the frames that `echo` names, E of them.
        """
        found = self.hear(context)  # [..., H]
        if self.tags is not None:
            found = found + self.tags(tags)  # [..., H]
        if self.echo is not None:
            found = found + self.echo(echoes)  # [..., H]
        return self.mix(F.silu(found))  # [..., H]

    def nats(
        self, frames: Tensor, before: Tensor, heard: Tensor, mask: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return -ln p of each head [T, B, M], 0 where padded, and the last state [B, W].

        `frames` and `before` int64 [T, B, M], a frame and the one before it; `heard` [T, B, H],
        `mask` bool [T, B], `state` [B, W].
        """
        rate = self.config.dropout if self.training else 0.0
        # Output [T, B, H] and state [B, W].
        output, state = self.cell(self.table(before) + heard, state, mask, (rate, rate))
        output = F.dropout(output, self.config.head_dropout, training=self.training)
        by_head = [  # [T, B] each
            nats(self.logits(i, output, heard, frames[..., :i]), frames[..., i])
            for i in range(len(self.heads))
        ]
        return torch.stack(by_head, -1) * mask[..., None], state

    def logits(self, i: int, output: Tensor, heard: Tensor, chosen: Tensor) -> Tensor:
        """Return logits of head i [..., classes]; `chosen` int64 [..., i], the heads before it."""
        return self.heads[i](output, heard, chosen)


class Head(nn.Module):
    """One head of a frame, given the recurrence's output, the context and the heads before it."""

    def __init__(self, config: CompanionConfig, index: int) -> None:
        super().__init__()
        width = config.head_width
        self.base = nn.Linear(2 * config.hidden, width)
        self.table = Table(config.heads[:index], width) if index else None
        self.norm = Norm(width)
        self.dropout = nn.Dropout(config.head_dropout)
        self.mix = nn.Linear(width, width)
        self.out = nn.Linear(width, config.heads[index])

    def forward(self, output: Tensor, heard: Tensor, chosen: Tensor) -> Tensor:
        """Return logits [..., classes] of `output`, `heard` [..., H] and `chosen` [..., i]."""
        a = self.base(torch.cat([output, heard], -1))  # [..., U]
        if self.table is not None:
            a = a + self.table(chosen)  # [..., U]
        a = self.dropout(F.silu(self.norm(a)))  # [..., U]
        return self.out(a + F.silu(self.mix(a)))  # [..., classes]
