"""The step of a note-list model: listen to the last frame, then write the next one note by note.

The equations are those of `export.models.polyphony.note_list`, `recall` and `descent`.
What training computes for whole segments is written here for one frame, with the operators of
voices: logarithms of whole numbers are looked up, quotients are products with a power.
Conventions: K candidates, 88 keys, N frames of recall, D features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.frames.step import Drawn, FrameStep, Options, Shape, sounding, zeros
from export.models.polyphony import recall
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.note_list import CYCLES, FAST, LONG, SLOW, NoteList
from export.rolls.note_list_keys import Keys
from export.rolls.note_list_writer import NEVER, Writer, gated
from stream.compose.polyphony.roll_frames import PIANOROLL, SLOTS
from stream.errors import CorpusError
from stream.voices.spec import TensorSpec

LONGEST = 1024
"""Frames up to which the age of a note is distinguished."""


class NoteListStep(FrameStep):
    """States: the recurrence's; ages and traces of the keys; the recall's three."""

    least_int8 = 2**15
    """The products for each note are so small that int8 costs more than it saves."""
    keys: Tensor
    decay: Tensor
    log_age: Tensor

    def __init__(self, model: NoteList) -> None:
        config = model.config
        if config.reach and not (config.votes and config.lags):
            raise CorpusError("a note-list without its votes, or without its lags, is no voice")
        tags = tuple(f"set:{name}" for name in config.sets)
        states = [
            TensorSpec("recurrence", (config.hidden,), "float32"),
            TensorSpec("keys", (3 * KEYS,), "float32"),
        ]
        if config.reach:
            sizes = {"window": KEYS, "there": 1, "scores": len(recall.RATES)}
            states += [TensorSpec(k, (n * config.reach,), "float32") for k, n in sizes.items()]
        super().__init__(Shape("pianoroll", PIANOROLL.heads, tuple(states), tags, SLOTS))
        self.frames = Gated(model.frames)
        self.context = model.context
        self.clock = model.clock
        self.recall = Window(config.reach) if config.reach else None
        self.keyboard = Keys(model) if model.keyboard is not None else None
        self.writer = Writer(model.notes)
        self.register_buffer("keys", torch.arange(KEYS))
        self.register_buffer("decay", torch.tensor([FAST, SLOW]).repeat_interleave(KEYS))
        self.register_buffer("log_age", torch.log1p(torch.arange(LONGEST).float()))

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, position = where
        going = 1.0 - begins.to(torch.float32)[:, None]  # [K, 1]
        v = sounding(token, self.keys)  # [K, 88]
        age, trace = states[1].split([KEYS, 2 * KEYS], dim=-1)  # [K, 88], [K, 176]
        age = (age * going + 1) * v
        trace = (self.decay * trace + (1 - self.decay) * torch.cat([v, v], -1)) * going
        number = position.to(torch.float32)[:, None]
        inputs = [v, (number == 0).to(v.dtype), torch.clamp(number / LONG, max=4.0)]
        ages = self.log_age[torch.clamp(age, max=LONGEST - 1.0).to(torch.int64)]
        planes, after = [v, ages], [torch.cat([age, trace], -1)]
        if self.recall is not None:
            votes, certainty, ago, window = self.recall(v, states[2:], going)
            inputs += [*votes, certainty]
            planes += [*votes, *ago]
            after += window
        planes += list(trace.split(KEYS, dim=-1))
        x = torch.cat([*inputs, options.style], -1)
        if len(self.clock):
            ticks = [embed(position % n) for embed, n in zip(self.clock, CYCLES, strict=True)]
            x = torch.cat([x, ticks[0] + ticks[1]], -1)
        h = self.frames(x, states[0] * going)
        context = torch.tanh(self.context(torch.cat([h, x], -1)))
        features = None
        if self.keyboard is not None:
            context, features = self.keyboard(planes, context)
        written, log_prob, entropy = self.writer(context, token, features, options)
        return written, [h, *after], log_prob, entropy


class Window(nn.Module):
    """`recall.Recall` on one frame. The newest place is the last; its scores move with the places.

    States: N frames, whether each is there, and the scores of each rate.
    """

    rates: Tensor
    weights: Tensor
    doubts: Tensor

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach, self.lags = reach, recall.Recall(reach).lags
        self.register_buffer("rates", torch.tensor(recall.RATES)[:, None])
        self.register_buffer("weights", torch.tensor(recall.WEIGHTS)[:, None])
        self.register_buffer("doubts", torch.tensor(recall.DOUBTS)[:, None])

    def forward(
        self, v: Tensor, states: list[Tensor], going: Tensor
    ) -> tuple[list[Tensor], Tensor, list[Tensor], list[Tensor]]:
        """Return votes, [K, 88] for each rate, and their certainty [K, R].

        After them come the frames of some time ago, [K, 88] for each lag, and the states.
        """
        n, rates = self.reach, len(recall.RATES)
        frames, there, scores = states
        frames = torch.cat([frames[:, KEYS:], v], -1)  # [K, 88 N]
        there = torch.cat([there[:, 1:], zeros(v[:, :1]) + 1], -1)  # [K, N]
        rows = frames.unflatten(-1, (n, KEYS))  # [K, N, 88]
        common = (rows @ v[:, :, None])[..., 0]  # [K, N]
        either = rows.sum(-1) + v.sum(-1, keepdim=True) - common  # [K, N]
        share = 2 * common * torch.clamp(either, min=1.0).pow(-1.0) - 1  # [K, N]
        alike = torch.where(there * either > 0, share, 2 * there - 1)
        scores = self.rates * scores.unflatten(-1, (rates, n)) + (1 - self.rates) * alike[:, None]
        can = (there * going)[:, None, : n - 1]  # [K, 1, N - 1]
        likeness = can * scores[..., : n - 1] * self.weights + (1 - can) * NEVER  # [K, R, N - 1]
        doubts = self.doubts + zeros(scores[..., :1])  # [K, R, 1]
        share = torch.softmax(torch.cat([doubts, likeness], -1), dim=-1)  # [K, R, N]
        votes = share[..., 1:] @ rows[:, 1:]  # [K, R, 88]
        after = [frames * going, there * going, scores.flatten(1) * going]
        ago = [frames[:, (n - lag) * KEYS : (n - lag + 1) * KEYS] * going for lag in self.lags]
        return [votes[:, i] for i in range(rates)], 1 - share[..., 0], ago, after


class Gated(nn.Module):
    """One GRU layer as two linear ones (Cho et al. 2014, as torch has it)."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.from_input = nn.Linear(gru.input_size, 3 * gru.hidden_size)
        self.from_state = nn.Linear(gru.hidden_size, 3 * gru.hidden_size)
        own = (self.from_input.weight, self.from_state.weight,
               self.from_input.bias, self.from_state.bias)  # fmt: skip
        with torch.no_grad():
            for new, old in zip(own, gru.all_weights[0], strict=True):
                new.copy_(old)
        self.requires_grad_(requires_grad=False)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """Return the next state [K, H] from the input `x` [K, I] and the state `h` [K, H]."""
        return gated(self.from_input(x), self.from_state(h), h)
