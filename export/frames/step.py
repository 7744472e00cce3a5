"""The step graph of polyphonic voices: one frame for K candidates, sampling included.

Conventions: K candidates, M heads, S tags, N uniform numbers of noise a candidate. The order of
inputs and outputs is that of every voice (`models.step`); a model gives what lies between: a
`FrameStep`, whose method `frame` chooses its heads one after another.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models.polyphony.chorale import Table
from export.models.step import choose, draw
from stream.voices.spec import TensorSpec

M = TypeVar("M", bound=nn.Module)

PERIOD = 2**20
"""Frames after which the position begins anew."""
POSITION = TensorSpec("position", (), "int64")


@dataclass(frozen=True, slots=True)
class Shape:
    """Inputs and outputs that distinguish one kind of step from others."""

    kind: str
    heads: tuple[int, ...]
    """Classes of each head; the class one past the last is the start token."""
    states: tuple[TensorSpec, ...]
    """States without the last one, the position."""
    tags: tuple[str, ...]
    noise: int
    context: int = 0
    """Width of the context, an input before the forces; 0 without such an input."""

    @property
    def inputs(self) -> tuple[str, ...]:
        heads, states = range(len(self.heads)), range(len(self.states) + 1)
        return (
            *(f"token_{i}" for i in heads), *(f"state_{i}" for i in states),
            "latent", "style", "temperature", "top_p", "noise",
            *(["context"] if self.context else []), *(f"force_{i}" for i in heads),
        )  # fmt: skip

    @property
    def outputs(self) -> tuple[str, ...]:
        heads, states = range(len(self.heads)), range(len(self.states) + 1)
        return (
            *(f"next_token_{i}" for i in heads), *(f"next_state_{i}" for i in states),
            "log_prob", "entropy",
        )  # fmt: skip

    def first(self, candidates: int) -> tuple[Tensor, ...]:
        """Return the inputs of the first step of a tune: every shape and dtype of the contract."""
        k = candidates
        kinds = {"float32": torch.float32, "int64": torch.int64}
        return (
            *(torch.full((k,), classes) for classes in self.heads),
            *(torch.zeros(k, *s.shape, dtype=kinds[s.dtype]) for s in (*self.states, POSITION)),
            torch.zeros(k, 0),
            torch.zeros(k, len(self.tags)),
            torch.tensor(1.0),
            torch.tensor(1.0),
            torch.rand(k, self.noise),
            *([torch.zeros(k, self.context)] if self.context else []),
            *(torch.full((k,), -1) for _ in self.heads),
        )


@dataclass(frozen=True, slots=True)
class Options:
    """Options with which a frame is drawn."""

    style: Tensor
    """Tags [K, S]."""
    temperature: Tensor
    top_p: Tensor
    noise: Tensor
    """Uniform numbers [K, N]."""
    force: Tensor
    """Tokens that are forced [K, M]; -1: drawn."""
    context: Tensor
    """Context [K, C] of a companion; of other steps, anything."""

    def draw(self, i: int, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return class, log-probability and entropy of the i-th head, all [K]."""
        return draw(logits, self.noise[:, i], self.temperature, self.top_p, self.force[:, i])

    def choose(self, i: int, logits: Tensor) -> Tensor:
        """Return the class alone [K]."""
        return choose(logits, self.noise[:, i], self.temperature, self.top_p, self.force[:, i])


Drawn = tuple[Tensor, list[Tensor], Tensor, Tensor]
"""Tokens [K, M], states, log-probability [K] and entropy [K] of a frame."""


class FrameStep(nn.Module):
    """A model of frames as one step."""

    least_int8 = 0
    """Products with fewer weights stay fp32 in an int8 voice."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs that `shape` names, from the inputs that it names."""
        heads, states = len(self.shape.heads), len(self.shape.states)
        token = torch.stack(inputs[:heads], -1)  # [K, M]
        *before, position = inputs[heads : heads + states + 1]
        _, style, temperature, top_p, noise, *rest = inputs[heads + states + 1 :]
        force = torch.stack(rest[-heads:], -1)  # [K, M]
        options = Options(style, temperature, top_p, noise, force, rest[0])
        begins = token[:, 0] == self.shape.heads[0]  # [K]
        position = torch.where(begins, 0, position)  # int64 [K]
        # Tokens [K, M], states, log-probability [K] and entropy [K].
        token, after, log_prob, entropy = self.frame(token, before, (begins, position), options)
        after.append((position + 1) % PERIOD)
        return (*(token[:, i] for i in range(heads)), *after, log_prob, entropy)

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        """Return the frame after `token` [K, M]; `where`: if it begins a tune, and its position."""
        raise NotImplementedError


def sounding(token: Tensor, keys: Tensor) -> Tensor:
    """Return zeros and ones [K, 88] from tokens [K, 12]; END and the start token have none."""
    return (token[:, :, None] == keys).to(torch.float32).amax(1)


def zeros(like: Tensor) -> Tensor:
    """Return zeros of this shape without asking for it: graphs of voices know no shapes."""
    return like - like


def sum_of(parts: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(parts), -1).sum(-1)


class Gathered(nn.Module):
    """A `Table` whose rows are gathered, then added: what ONNX Runtime has a kernel for."""

    weight: Tensor
    offsets: Tensor

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.register_buffer("weight", table.weight.detach())
        self.register_buffer("offsets", table.offsets)

    def forward(self, features: Tensor) -> Tensor:
        """Return [K, H] from features int64 [K, F]."""
        rows = F.embedding(features + self.offsets, self.weight)  # [K, F, H]
        return rows.sum(-2)


class SmallGathered(nn.Module):
    """The same in int8 with a scale for each column: only the sum is scaled."""

    weight: Tensor
    scale: Tensor
    offsets: Tensor

    def __init__(self, table: Gathered) -> None:
        super().__init__()
        scale = table.weight.abs().amax(0).clamp(min=1e-12) / 127
        self.register_buffer("weight", torch.round(table.weight / scale).to(torch.int8))
        self.register_buffer("scale", scale)
        self.register_buffer("offsets", table.offsets)

    def forward(self, features: Tensor) -> Tensor:
        """Return [K, H] from features int64 [K, F]."""
        rows = F.embedding(features + self.offsets, self.weight)  # int8 [K, F, H]
        return rows.to(torch.float32).sum(-2) * self.scale


def gathering(model: M) -> M:
    """Return a copy of the model with every `Table` gathered."""
    return _replaced(copy.deepcopy(model).eval(), Table, Gathered)


def small(step: FrameStep) -> FrameStep:
    """Return a copy of the step with int8 tables; `to_int8` makes the products int8."""
    return _replaced(copy.deepcopy(step), Gathered, SmallGathered)


def _replaced(module: M, kind: type[nn.Module], by: type[nn.Module]) -> M:
    for name, child in module.named_children():
        setattr(module, name, by(child) if isinstance(child, kind) else _replaced(child, kind, by))
    return module
