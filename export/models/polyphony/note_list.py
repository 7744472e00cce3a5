"""The note-list model: a recurrence over frames, features of the keys, notes in descending order.

    x_t = [v_(t-1); position; recall; tags; clock],  g_t = GRU(x_t, g_(t-1))
    context_t = tanh(W [g_t; x_t]),  ln P(v_t | v_<t) = the sum over notes of `descent`

GRU: Cho et al. 2014. The likelihood is exact. The state is one row of numbers of fixed width, so
that a step always costs the same: the recurrence's state, the last frame, how long each key has
sounded, two exponential traces e_t = r e_(t-1) + (1 - r) v_t, the number of the frame, the tags,
and the window of `recall`.
Conventions: T frames, B rows, M frames that are masked in, C planes, D features of a key, H width
of the head, W state width; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models.polyphony.descent import Descent
from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.models.polyphony.keyboard import Keyboard
from export.models.polyphony.recall import LAGS, RATES, Recall

FAST, SLOW = 0.8, 0.97
"""Rates r of the two traces a frame."""
CYCLES = (12, 16)
"""Cycles of the clock in frames: bars of three and of four."""
CLOCK = 32
"""Width of the clock's embedding."""
LONG = 64.0
"""Unit, in frames, of the number of the frame, which is clamped to four units."""


@dataclass(frozen=True)
class NoteListConfig(FrameConfig):
    """Sizes and parts of the model; a size of 0 leaves a part out."""

    hidden: int = 200
    """Units of the recurrence over frames."""
    head: int = 128
    """H: units of the recurrence over the notes of a frame."""
    features: int = 24
    """D: features of each key."""
    harmony: int = 0
    """Width of a second layer of the keyboard."""
    reach: int = 256
    """Frames in the window of `recall`."""
    votes: bool = True
    """True if the frames of the window vote on the next one."""
    lags: bool = True
    """True if frames of the window are passed on unchanged."""
    clock: bool = True
    """True if frames are counted from the head of the piece (by the past, not by the score)."""
    dropout: float = 0.5
    keyboard_dropout: float = 0.1


class NoteList(Exact):
    """ln P(v_t | v_<t), exact and causal, in O(1) state."""

    Config = NoteListConfig
    config: NoteListConfig

    def __init__(self, config: NoteListConfig) -> None:
        recalled = len(RATES) if config.reach and config.votes else 0
        window = Recall(config.reach, LAGS if config.lags else ())
        self.sizes = (
            config.hidden, KEYS, KEYS, 2 * KEYS, 1, len(config.sets), window.width,
        )  # fmt: skip
        """Widths of the parts of the state."""
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
        context, planes, after = self.listen(v, mask.sum(0), state)  # [T, B, H], [T, B, C, 88]
        h, keyboard = self.survey(context[mask], planes[mask])  # [M, H], [M, 88, D]
        nats = v.new_zeros(mask.shape)  # [T, B]
        nats[mask] = self.notes(h, v[mask], planes[mask][:, 0], keyboard)
        return nats, after

    def survey(self, context: Tensor, planes: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the head's first state [M, H] and the keyboard's features [M, 88, D], or None."""
        if self.keyboard is None:
            return context, None
        keyboard = self.keyboard(planes, context)  # [M, 88, D]
        return torch.tanh(context + self.overview(keyboard.mean(1))), keyboard

    def listen(self, v: Tensor, count: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return context [T, B, H] and planes [T, B, C, 88] before each frame of `v` [T, B, 88].

        The third is the state [B, W] after the first `count` int64 [B] frames of each row.
        """
        hidden, last, age, trace, place, tags, window = state.split(self.sizes, 1)
        before = torch.cat([last[None], v])  # [T + 1, B, 88]
        ages, traces = _traced(v, age, trace)  # [T + 1, B, 88], [T + 1, B, 176]
        number = place[None] + torch.arange(len(v) + 1)[:, None, None]  # [T + 1, B, 1]
        inputs = [before[:-1], (number[:-1] == 0).float(), (number[:-1] / LONG).clamp(max=4)]
        planes = [before[:-1], torch.log1p(ages[:-1])]  # [T, B, 88] each
        if self.recall is not None:
            # Votes [T, B, R, 88], certainty [T, B, R], past [T, B, lags, 88].
            votes, certainty, past, window = self.recall(v, count, window)
            if self.config.votes:
                inputs += [votes.flatten(2), certainty]
                planes += votes.unbind(2)
            planes += past.unbind(2)
        planes += traces[:-1].split(KEYS, 2)
        inputs.append(tags.expand(len(v), -1, -1))
        ticks = number[:-1, :, 0].long()  # int64 [T, B]
        x = torch.cat(inputs, 2)  # [T, B, inputs]
        if self.clock:
            clocks = (clock(ticks % n) for clock, n in zip(self.clock, CYCLES, strict=True))
            x = torch.cat([x, sum(clocks)], 2)
        h, _ = self.frames(x, hidden[None].contiguous())  # [T, B, hidden]
        context = torch.tanh(self.context(torch.cat([self.dropout(h), x], 2)))  # [T, B, H]
        rows = torch.arange(v.shape[1])
        parts = (torch.cat([hidden[None], h]), before, ages, traces, number)
        after = [part[count, rows] for part in parts]  # [B, ...] each
        return context, torch.stack(planes, 2), torch.cat([*after, tags, window], 1)


def _traced(v: Tensor, age: Tensor, trace: Tensor) -> tuple[Tensor, Tensor]:
    """Return the age in frames of each key [T + 1, B, 88], and its traces [T + 1, B, 176].

    They are those before each frame of `v` [T, B, 88], and after the last. A silent key has age 0.
    """
    rate = v.new_tensor([FAST, SLOW]).repeat_interleave(KEYS)  # [176]
    ages, traces = [age], [trace]
    for frame in v:  # [B, 88]
        age = (age + 1) * frame
        trace = rate * trace + (1 - rate) * frame.repeat(1, 2)
        ages.append(age)
        traces.append(trace)
    return torch.stack(ages), torch.stack(traces)
