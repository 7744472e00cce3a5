"""What every model of frames gives, so that one trainer and one table serve them all.

Conventions: T frames, B rows, 88 keys (column 0 is MIDI 21), W state width, S sets; float32. A row
of `mask` is true for the frames it has and false after them; the state that is returned is the
one after a row's last frame, from which its next chunk goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

KEYS = 88
LOWEST = 21
"""MIDI number of column 0."""


@dataclass(frozen=True)
class FrameConfig:
    """Base of the families' configurations: what all have. Each field becomes a flag."""

    sets: tuple[str, ...] = ()
    """Names of the sets it is trained on: the columns of `tags`."""

    def column(self, name: str) -> int:
        """Of the set with this name; the first for one that it was not trained on."""
        return self.sets.index(name) if name in self.sets else 0


class FrameModel(nn.Module):
    """Base of the models of P(v_t | v_1 … v_t-1)."""

    Config: ClassVar[type[FrameConfig]] = FrameConfig

    def __init__(self, config: FrameConfig, width: int) -> None:
        super().__init__()
        self.config = config
        self.width = width
        """W, which may be 0."""

    def initial(self, rows: int) -> Tensor:
        """State before the first frame of a piece [rows, W]: zeros where nothing is learnt."""
        return next(self.parameters()).new_zeros(rows, self.width)

    def begin(self, tags: Tensor) -> Tensor:
        """The same for pieces of known sets, `tags` [B, S]; a model may leave them unused."""
        return self.initial(len(tags))

    def set_marginals(self, share: Tensor) -> None:
        """Take what a fresh model may know of the data: the share [88] of frames with each key."""

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Weights to begin with, from another run's: what a simpler model has not is added."""
        return weights

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Objective to make small, a sum over the masked frames, and the next state.

        `v` [T, B, 88] of zeros and ones, `mask` bool [T, B], `state` [B, W].
        """
        raise NotImplementedError

    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Nats of each frame [T, B] that early stopping watches (higher is better); next state."""
        raise NotImplementedError


class Exact(FrameModel):
    """A model whose likelihood is exact: it is trained on it and watched by it."""

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Log P(v_t | v_<t) of each frame [T, B], 0 where masked out, and the next state [B, W]."""
        raise NotImplementedError

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        nats, state = self.log_likelihood(v, mask, state)
        return -nats.sum(), state

    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        return self.log_likelihood(v, mask, state)


def last_of_each_row(states: Tensor, mask: Tensor, before: Tensor) -> Tensor:
    """State [B, W] after each row's last frame, of `states` [T, B, W]; else `before`."""
    count = mask.sum(0)
    after = states[(count - 1).clamp(min=0), torch.arange(states.shape[1])]
    return torch.where((count > 0)[:, None], after, before)
