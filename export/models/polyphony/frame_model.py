"""The contract of the models of frames, for one trainer and one table of results.

    ln P(v_1 .. v_T) = sum_t ln P(v_t | v_1 .. v_(t-1))

Conventions: T frames, B rows, 88 keys (column 0 is MIDI 21), W state width, S sets; float32. A row
of `mask` is true for the frames it has and false after them; the returned state is the one after a
row's last frame, from which its next chunk goes on.
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
    """Base of the families' configurations. Each field becomes a flag of the trainer."""

    sets: tuple[str, ...] = ()
    """Names of the sets of the training data: the columns of `tags`."""

    def column(self, name: str) -> int:
        """Return the column of the set with this name; the first one for an unknown set."""
        return self.sets.index(name) if name in self.sets else 0


class FrameModel(nn.Module):
    """Base of the models of P(v_t | v_1 .. v_(t-1))."""

    Config: ClassVar[type[FrameConfig]] = FrameConfig

    def __init__(self, config: FrameConfig, width: int) -> None:
        super().__init__()
        self.config = config
        self.width = width
        """W: width of the state, which may be 0."""

    def initial(self, rows: int) -> Tensor:
        """Return the state before the first frame of a piece [rows, W]: zeros, or learned."""
        return next(self.parameters()).new_zeros(rows, self.width)

    def begin(self, tags: Tensor) -> Tensor:
        """Return the initial state [B, W] for pieces of known sets, `tags` [B, S].

        A model may leave the tags unused.
        """
        return self.initial(len(tags))

    def set_marginals(self, share: Tensor) -> None:
        """Initialize a new model by the share [88] of frames in which each key sounds."""

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the initial weights from those of another run, perhaps of a simpler model.

        Weights that the simpler model lacks are added.
        """
        return weights

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the objective to minimize [], a sum over the masked frames, and the next state.

        `v` [T, B, 88] of zeros and ones, `mask` bool [T, B], `state` [B, W].
        """
        raise NotImplementedError

    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the nats of each frame [T, B] for early stopping, and the next state [B, W].

        Higher is better.
        """
        raise NotImplementedError


class Exact(FrameModel):
    """A model whose likelihood is exact: training minimizes it, early stopping monitors it."""

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return ln P(v_t | v_<t) of each frame [T, B], 0 where masked out, and the next state."""
        raise NotImplementedError

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        nats, state = self.log_likelihood(v, mask, state)
        return -nats.sum(), state

    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        return self.log_likelihood(v, mask, state)


def last_of_each_row(states: Tensor, mask: Tensor, before: Tensor) -> Tensor:
    """Return the state [B, W] after each row's last frame, of `states` [T, B, W].

    Rows without a frame have the state `before` [B, W].
    """
    count = mask.sum(0)  # int64 [B]
    after = states[(count - 1).clamp(min=0), torch.arange(states.shape[1])]  # [B, W]
    return torch.where((count > 0)[:, None], after, before)
