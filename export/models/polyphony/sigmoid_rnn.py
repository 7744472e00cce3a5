"""RNN whose outputs are 88 independent probabilities (Boulanger-Lewandowski et al. 2012: "RNN").

ln P(v_t | v_<t) = sum_i ln P(v_ti | u^{t-1}), exact: given the past no key knows of another.
Conventions: T frames, B rows, R units.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig, last_of_each_row
from export.models.polyphony.rbm import log_odds
from export.models.polyphony.rnn_rbm import choice

CELLS: dict[str, type[nn.RNN | nn.GRU]] = {"gru": nn.GRU, "tanh": nn.RNN}


@dataclass(frozen=True)
class SigmoidRNNConfig(FrameConfig):
    """Its size and cell (the paper's is `tanh`)."""

    recurrent: int = 150
    cell: str = choice("gru", "tanh")
    dropout: float = 0.3
    """Share of the units that each frame is trained without."""


class SigmoidRNN(Exact):
    """State [B, R]: u of the frame before; what it is at the head of a piece is learnt."""

    Config = SigmoidRNNConfig

    def __init__(self, config: SigmoidRNNConfig) -> None:
        super().__init__(config, config.recurrent)
        self.frames = CELLS[config.cell](KEYS, config.recurrent)
        self.start = nn.Parameter(torch.zeros(config.recurrent))
        self.visible = nn.Linear(config.recurrent, KEYS)
        self.dropout = nn.Dropout(config.dropout)

    def initial(self, rows: int) -> Tensor:
        return self.start.expand(rows, -1)

    @torch.no_grad()
    def set_marginals(self, share: Tensor) -> None:
        """Begin near the log-odds of each key."""
        self.visible.bias.copy_(log_odds(share))

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        every, _ = self.frames(v, state[None].contiguous())
        past = torch.cat([state[None], every[:-1]])
        nats = v.new_zeros(mask.shape)
        nats[mask] = self.frame(v[mask], self.dropout(past[mask]))
        return nats, last_of_each_row(every, mask, state)

    def frame(self, v: Tensor, u: Tensor) -> Tensor:
        """Log-likelihood [M] of frames `v` [M, 88] that follow states `u` [M, R]."""
        return independent(v, self.visible(u))


def independent(v: Tensor, logits: Tensor) -> Tensor:
    """Log-likelihood [M] of frames `v` [M, 88] of keys with these log-odds [M, 88]."""
    return logsigmoid(torch.where(v > 0, logits, -logits)).sum(1)
