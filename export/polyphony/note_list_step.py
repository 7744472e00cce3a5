"""The step of a note-list model: listen to the last frame, then write the next one note by note.

What training computes for whole segments is written here for one frame, with the operators of
voices: windows over the keyboard are gathered by constant indices, and logarithms and quotients of
whole numbers are looked up. Conventions: K candidates, 88 keys, N frames of recall, D features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.polyphony import recall
from export.models.polyphony.descent import FAR
from export.models.polyphony.frame_model import KEYS, LOWEST
from export.models.polyphony.keyboard import NEAR, NEXT, OCTAVE, WIDE
from export.models.polyphony.note_list import CYCLES, FAST, LONG, SLOW, NoteList
from export.polyphony.step import Drawn, FrameStep, Options, Shape, sounding, sum_of, zeros
from stream.compose.polyphony.frames import END, HEADS, PIANOROLL, SLOTS
from stream.voice import TensorSpec

NEVER = -1e9
"""A logit of what may not follow."""
LONGEST = 1024
"""Frames up to which the age of a note is told apart."""


class NoteListStep(FrameStep):
    """States: the recurrence's; ages and traces of the keys; frames and scores of the recall."""

    def __init__(self, model: NoteList) -> None:
        config = model.config
        tags = tuple(f"set:{name}" for name in config.sets)
        states = [
            TensorSpec("recurrence", (config.hidden,), "float32"),
            TensorSpec("keys", (3 * KEYS,), "float32"),
        ]
        if config.reach:
            width = config.reach * (KEYS + 1 + len(recall.RATES))
            states.append(TensorSpec("window", (width,), "float32"))
        super().__init__(Shape(PIANOROLL, HEADS[PIANOROLL], tuple(states), tags, SLOTS))
        self.frames = cell_of(model.frames)
        self.context = model.context
        self.clock = model.clock
        self.recall = Window(config.reach) if config.reach else None
        self.keyboard = Keys(model) if model.keyboard is not None else None
        self.writer = Writer(model)
        self.register_buffer("keys", torch.arange(KEYS))
        self.register_buffer("kept", torch.tensor([FAST, SLOW]).repeat_interleave(KEYS))
        self.register_buffer("log_age", torch.log1p(torch.arange(LONGEST).float()))

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, position = where
        going = 1.0 - begins.to(torch.float32)[:, None]
        v = sounding(token, self.keys)
        age, trace = states[1].split([KEYS, 2 * KEYS], dim=-1)
        age = (age * going + 1) * v
        trace = (self.kept * trace + (1 - self.kept) * torch.cat([v, v], -1)) * going
        number = position.to(torch.float32)[:, None]
        told = [v, (number == 0).to(v.dtype), torch.clamp(number / LONG, max=4.0)]
        ages = self.log_age[torch.clamp(age, max=LONGEST - 1.0).to(torch.int64)]
        planes, after = [v, ages], [torch.cat([age, trace], -1)]
        if self.recall is not None:
            votes, certainty, ago, window = self.recall(v, states[2], going)
            told += [*votes, certainty]
            planes += [*votes, *ago]
            after.append(window)
        planes += list(trace.split(KEYS, dim=-1))
        x = torch.cat([*told, options.style], -1)
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


class Writer(nn.Module):
    """The notes of a frame from the highest down, twelve times over."""

    def __init__(self, model: NoteList) -> None:
        super().__init__()
        notes = model.notes
        self.note, self.part, self.move = notes.note, notes.part, notes.move
        self.cell = cell_of(notes.notes)
        self.pitch, self.interval, self.wanted = notes.pitch, notes.interval, notes.wanted
        self.register_buffer("keys", torch.arange(KEYS))
        end = torch.zeros(KEYS + 1)
        end[:KEYS] = NEVER
        self.register_buffer("only_end", end)

    def forward(
        self, h: Tensor, last: Tensor, features: Tensor | None, options: Options
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens [K, 12], log-probability and entropy [K] after the frame `last` [K, 12]."""
        drawn: list[tuple[Tensor, Tensor, Tensor]] = []
        for slot in range(SLOTS):
            heard = drawn[-1][0] if drawn else zeros(options.force[:, 0]) + END
            # The start token stands for a frame without notes.
            past = torch.clamp(last[:, slot], max=END)
            h = self.cell(self._heard(heard, past, features), h)
            logits = self._logits(h, past, features)
            if drawn:
                logits = logits + self._falling(h, heard)
            drawn.append(options.draw(slot, logits))
        token, log_prob, entropy = ([d[j] for d in drawn] for j in range(3))
        return torch.stack(token, -1), sum_of(log_prob), sum_of(entropy)

    def _heard(self, heard: Tensor, past: Tensor, features: Tensor | None) -> Tensor:
        x = self.note(heard) + self.part(past)
        if features is None:
            return x
        # No key is END, whose features are zeros.
        here = (heard[:, None] == self.keys).to(x.dtype)
        return torch.cat([x, (here[:, :, None] * features).sum(1)], -1)

    def _logits(self, h: Tensor, past: Tensor, features: Tensor | None) -> Tensor:
        """[K, 89] but for the fall from the note before; `past` [K]: what the part had."""
        moves = torch.clamp(self.keys - past[:, None], -FAR, FAR) + FAR
        keys = torch.gather(self.move(h), 1, moves)
        keys = torch.where((past == END)[:, None], 0.0, keys)
        if features is not None and self.wanted is not None:
            keys = keys + (features * self.wanted(h)[:, None]).sum(-1)
        return self.pitch(h) + torch.cat([keys, zeros(keys[:, :1])], -1)

    def _falling(self, h: Tensor, heard: Tensor) -> Tensor:
        """[K, 89]: what the interval says; below the note alone, and after END nothing but END."""
        fall = heard[:, None] - self.keys - 1
        keys = torch.gather(self.interval(h), 1, torch.clamp(fall, 0, KEYS - 1))
        keys = torch.where(fall >= 0, keys, NEVER)
        logits = torch.cat([keys, zeros(keys[:, :1])], -1)
        return torch.where((heard == END)[:, None], self.only_end, logits)


class Keys(nn.Module):
    """`keyboard.Keyboard` on one frame, and the overview of it that the writer begins with."""

    def __init__(self, model: NoteList) -> None:
        super().__init__()
        keyboard = model.keyboard
        if keyboard is None:
            raise TypeError("the model has no keyboard")
        self.near, self.others, self.tonality = keyboard.near, keyboard.others, keyboard.tonality
        self.to_context, self.mix, self.overview = keyboard.context, keyboard.mix, model.overview
        self.register_buffer("pitch", keyboard.pitch.detach())
        self.register_buffer("wide", keyboard.wide.weight.detach()[:, 0].T.contiguous())
        planes = self.others.in_features // NEXT
        padded = KEYS + NEXT - 1
        self.register_buffer("near_keys", around(NEAR))
        steps = (torch.arange(planes) * padded)[:, None] + torch.arange(NEXT)
        self.register_buffer("next_keys", torch.arange(KEYS)[:, None] + steps.flatten())
        self.register_buffer("wide_keys", around(WIDE))
        classes = (LOWEST + torch.arange(KEYS)) % OCTAVE
        self.register_buffer("classes", classes)
        self.register_buffer("octaves", F.one_hot(classes, OCTAVE).float())
        turns = (torch.arange(OCTAVE)[:, None] + torch.arange(OCTAVE)) % OCTAVE
        self.register_buffer("turns", torch.cat([turns, turns + OCTAVE], 1))

    def forward(self, planes: list[Tensor], context: Tensor) -> tuple[Tensor, Tensor]:
        near = wider(planes[0], NEAR // 2)[:, self.near_keys]
        others = torch.cat([wider(plane, NEXT // 2) for plane in planes], -1)[:, self.next_keys]
        ends = torch.cat([planes[0] @ self.octaves, planes[-1] @ self.octaves], -1)
        tonality = self.tonality(ends[:, self.turns])[:, self.classes]
        x = self.near(near) + self.others(others) + tonality
        x = F.silu(x + self.to_context(context)[:, None] + self.pitch)
        edge = zeros(x[:, : WIDE // 2])
        wide = (torch.cat([edge, x, edge], 1)[:, self.wide_keys] * self.wide).sum(2)
        features = x + F.silu(self.mix(x) + wide)
        return torch.tanh(context + self.overview(features.mean(1))), features


class Window(nn.Module):
    """`recall.Recall` on one frame. The newest place is the last; its scores move with the places.

    The state holds N frames, whether each is there, and the scores of each rate.
    """

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach, self.lags = reach, recall.Recall(reach).lags
        either = torch.arange(2 * KEYS + 1).float()
        # 2 common / either - 1, and 1 where both are silent.
        self.register_buffer("over", 2 / either.clamp(min=1))
        self.register_buffer("offset", torch.where(either > 0, -1.0, 1.0))
        self.register_buffer("rates", torch.tensor(recall.RATES)[:, None])
        self.register_buffer("weights", torch.tensor(recall.WEIGHTS)[:, None])
        self.register_buffer("doubts", torch.tensor(recall.DOUBTS)[:, None])

    def forward(
        self, v: Tensor, state: Tensor, going: Tensor
    ) -> tuple[list[Tensor], Tensor, list[Tensor], Tensor]:
        """Votes, [K, 88] for each rate, and their certainty [K, R].

        Then the frames of some time ago, [K, 88] for each lag, and the state [K, W].
        """
        n, rates = self.reach, len(recall.RATES)
        frames, there, scores = state.split([n * KEYS, n, n * rates], dim=-1)
        frames = torch.cat([frames[:, KEYS:], v], -1)
        there = torch.cat([there[:, 1:], zeros(v[:, :1]) + 1], -1)
        rows = frames.unflatten(-1, (n, KEYS))
        common = (rows * v[:, None]).sum(-1)
        either = (rows.sum(-1) + v.sum(-1, keepdim=True) - common).to(torch.int64)
        alike = common * self.over[either] + self.offset[either]
        alike = there * alike - (1 - there)
        scores = self.rates * scores.unflatten(-1, (rates, n)) + (1 - self.rates) * alike[:, None]
        can = (there * going)[:, None, : n - 1]
        likeness = can * scores[..., : n - 1] * self.weights + (1 - can) * NEVER
        doubts = self.doubts + zeros(scores[..., :1])
        share = torch.softmax(torch.cat([doubts, likeness], -1), dim=-1)
        votes = share[..., 1:] @ rows[:, 1:]
        after = torch.cat([frames, there, scores.flatten(1)], -1) * going
        ago = [frames[:, (n - lag) * KEYS : (n - lag + 1) * KEYS] * going for lag in self.lags]
        return [votes[:, i] for i in range(rates)], 1 - share[..., 0], ago, after


class Gated(nn.Module):
    """One GRU layer as two linear ones (Cho et al. 2014, as torch has it)."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.heard = nn.Linear(gru.input_size, 3 * gru.hidden_size)
        self.kept = nn.Linear(gru.hidden_size, 3 * gru.hidden_size)
        with torch.no_grad():
            self.heard.weight.copy_(gru.weight_ih_l0)
            self.heard.bias.copy_(gru.bias_ih_l0)
            self.kept.weight.copy_(gru.weight_hh_l0)
            self.kept.bias.copy_(gru.bias_hh_l0)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        xr, xz, xn = self.heard(x).chunk(3, dim=-1)
        hr, hz, hn = self.kept(h).chunk(3, dim=-1)
        z = torch.sigmoid(xz + hz)
        return (1 - z) * torch.tanh(xn + torch.sigmoid(xr + hr) * hn) + z * h


def cell_of(gru: nn.GRU) -> Gated:
    return Gated(gru).requires_grad_(requires_grad=False)


def around(keys: int) -> Tensor:
    """[88, keys]: places in a padded row of what each key sees."""
    return torch.arange(KEYS)[:, None] + torch.arange(keys)


def wider(plane: Tensor, by: int) -> Tensor:
    """A row of keys [K, 88] with so many zeros at either end."""
    edge = zeros(plane[:, :by])
    return torch.cat([edge, plane, edge], -1)
