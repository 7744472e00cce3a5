"""The exact model: a recurrence over frames, a map of the keyboard, and notes in descending order.

Everything it knows of the past is one row of numbers of fixed width, so that it streams for ever at
the same cost: the recurrence's state, the last frame, how long each key has sounded, two fading
traces, the number of the frame, the tags, and the window of `recall`.
Conventions: T frames, B rows, M frames that are masked in, H width of the head, W state width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models.polyphony.descent import Descent
from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.models.polyphony.keyboard import Keyboard
from export.models.polyphony.recall import RATES, Recall

FAST, SLOW = 0.8, 0.97
"""What is left of a trace after a frame."""
CYCLES = (12, 16)
"""Frames after which the clock comes round: bars of three and of four."""
CLOCK = 32
"""Width of its embedding."""
LONG = 64.0
"""Frames: the unit of the number of the frame, which is told up to four of them."""


@dataclass(frozen=True)
class NoteListConfig(FrameConfig):
    """Sizes, and which parts there are: a size of 0 leaves a part out."""

    hidden: int = 200
    """Of the recurrence over frames."""
    head: int = 128
    """Of the recurrence over the notes of a frame."""
    features: int = 24
    """Of each key."""
    harmony: int = 0
    """Width of a second layer of the keyboard."""
    reach: int = 256
    """Frames that are recalled."""
    clock: bool = True
    """Whether it counts frames from the head of the piece: the past tells them, not the score."""
    dropout: float = 0.5
    keyboard_dropout: float = 0.1


class NoteList(Exact):
    """ln P(v_t | v_<t), exact and causal, in O(1) state."""

    Config = NoteListConfig

    def __init__(self, config: NoteListConfig) -> None:
        recalled = len(RATES) if config.reach else 0
        window = Recall(config.reach)
        self.sizes = (
            config.hidden, KEYS, KEYS, 2 * KEYS, 1, len(config.sets), window.width,
        )  # fmt: skip
        """Of the parts of the state."""
        super().__init__(config, sum(self.sizes))
        inputs = KEYS + recalled * (KEYS + 1) + 2 + len(config.sets) + CLOCK * config.clock
        self.recall = window if config.reach else None
        self.clock = nn.ModuleList(nn.Embedding(n, CLOCK) for n in CYCLES if config.clock)
        self.frames = nn.GRU(inputs, config.hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.context = nn.Linear(config.hidden + inputs, config.head)
        planes = 4 + recalled + len(window.lags)
        self.keyboard: Keyboard | None = None
        if config.features:
            self.keyboard = Keyboard(
                planes, config.features, config.head,
                harmony=config.harmony, dropout=config.keyboard_dropout,
            )  # fmt: skip
            self.overview = nn.Linear(config.features, config.head)
        self.notes = Descent(config.head, config.features, config.dropout)

    def begin(self, tags: Tensor) -> Tensor:
        parts = list(self.initial(len(tags)).split(self.sizes, 1))
        parts[5] = tags
        return torch.cat(parts, 1)

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        context, planes, after = self.listen(v, mask.sum(0), state)
        h, keyboard = self.survey(context[mask], planes[mask])
        nats = v.new_zeros(mask.shape)
        nats[mask] = self.notes(h, v[mask], planes[mask][:, 0], keyboard)
        return nats, after

    def survey(self, context: Tensor, planes: Tensor) -> tuple[Tensor, Tensor | None]:
        """First state of the head [M, H] and the keyboard's features [M, 88, D], or None."""
        if self.keyboard is None:
            return context, None
        keyboard = self.keyboard(planes, context)
        return torch.tanh(context + self.overview(keyboard.mean(1))), keyboard

    def listen(self, v: Tensor, count: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Context [T, B, H] and planes [T, B, C, 88] before each frame of `v`.

        The last is the state [B, W] after the first `count` [B] frames of each row.
        """
        hidden, last, age, trace, place, tags, window = state.split(self.sizes, 1)
        before = torch.cat([last[None], v])
        ages, traces = _traced(v, age, trace)
        number = place[None] + torch.arange(len(v) + 1)[:, None, None]
        told = [before[:-1], (number[:-1] == 0).float(), (number[:-1] / LONG).clamp(max=4)]
        planes = [before[:-1], torch.log1p(ages[:-1])]
        if self.recall is not None:
            votes, certainty, past, window = self.recall(v, count, window)
            told += [votes.flatten(2), certainty]
            planes += [*votes.unbind(2), *past.unbind(2)]
        planes += traces[:-1].split(KEYS, 2)
        told.append(tags.expand(len(v), -1, -1))
        ticks = number[:-1, :, 0].long()
        x = torch.cat(told, 2)
        if self.clock:
            clocks = (clock(ticks % n) for clock, n in zip(self.clock, CYCLES, strict=True))
            x = torch.cat([x, sum(clocks)], 2)
        h, _ = self.frames(x, hidden[None].contiguous())
        context = torch.tanh(self.context(torch.cat([self.dropout(h), x], 2)))
        rows = torch.arange(v.shape[1])
        kept = (torch.cat([hidden[None], h]), before, ages, traces, number)
        after = [part[count, rows] for part in kept]
        return context, torch.stack(planes, 2), torch.cat([*after, tags, window], 1)


def _traced(v: Tensor, age: Tensor, trace: Tensor) -> tuple[Tensor, Tensor]:
    """For how many frames each key has sounded [T + 1, B, 88], and its traces [T + 1, B, 176].

    Before each frame of `v` [T, B, 88], and after the last.
    """
    kept = v.new_tensor([FAST, SLOW]).repeat_interleave(KEYS)
    ages, traces = [age], [trace]
    for frame in v:
        age = (age + 1) * frame
        trace = kept * trace + (1 - kept) * frame.repeat(1, 2)
        ages.append(age)
        traces.append(trace)
    return torch.stack(ages), torch.stack(traces)
