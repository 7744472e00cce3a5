"""RNN whose outputs are 88 independent probabilities (Boulanger-Lewandowski et al. 2012: "RNN").

    ln P(v_t | v_<t) = sum_i ln P(v_ti | u_(t-1)),  P(v_ti = 1 | u_(t-1)) = sigmoid(b + W u_(t-1))_i
    u_t = tanh(W_vu v_t + W_uu u_(t-1) + b_u), or a GRU (Cho et al. 2014)

This is exact: given the past the keys are independent.
Conventions: T frames, B rows, M masked-in frames, R units; float32.
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
    """Size and cell of the model (the paper's cell is `tanh`)."""

    recurrent: int = 150
    cell: str = choice("gru", "tanh")
    dropout: float = 0.3
    """Dropout rate of the units."""


class SigmoidRNN(Exact):
    """The model; its state [B, R] is u of the frame before, trained for the head of a piece."""

    Config = SigmoidRNNConfig
    config: SigmoidRNNConfig

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
        """Initialize near the log-odds of each key."""
        self.visible.bias.copy_(log_odds(share))

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        every, _ = self.frames(v, state[None].contiguous())  # [T, B, R]
        past = torch.cat([state[None], every[:-1]])  # [T, B, R]
        nats = v.new_zeros(mask.shape)  # [T, B]
        nats[mask] = self.frame(v[mask], self.dropout(past[mask]))
        return nats, last_of_each_row(every, mask, state)

    def frame(self, v: Tensor, u: Tensor) -> Tensor:
        """Return the log-likelihood [M] of frames `v` [M, 88] that follow states `u` [M, R]."""
        return independent(v, self.visible(u))


def independent(v: Tensor, logits: Tensor) -> Tensor:
    """Return the log-likelihood [M] of frames `v` [M, 88] of keys with log-odds [M, 88]."""
    return logsigmoid(torch.where(v > 0, logits, -logits)).sum(1)
