"""NADE: a frame key by key, each given those below it (Larochelle & Murray 2011).

From the lowest key i to the highest,

    h_i = sigmoid(c + sum_(j<i) v_j W_j)
    P(v_i = 1 | v_<i) = sigmoid(b_i + V_i h_i)
    ln P(v) = sum_i ln P(v_i | v_<i)

which is exact, without a normalizing constant to estimate. h changes only after a key that sounds,
so that a frame of n notes has n + 1 different h rather than 88: only these are computed, by one
matrix product a frame, and each key selects its own.
Conventions: M frames, H hidden units, n notes; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.models.polyphony.rbm import log_odds, small

GROUPS = 8
"""Groups of frames with about as many notes that a batch is split into."""


@dataclass(frozen=True)
class NADEConfig(FrameConfig):
    """Size of a NADE."""

    hidden: int = 150


class Ascent(nn.Module):
    """The weights W [88, H] and V [H, 88] of a NADE; its biases b and c are arguments."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.heard = small(KEYS, hidden, scale=0.01)
        self.said = small(hidden, KEYS, scale=0.01)

    def forward(self, v: Tensor, b: Tensor, c: Tensor) -> Tensor:
        """Return the log-likelihood [M] of frames `v` [M, 88], biases `b` [M, 88], `c` [M, H]."""
        if not len(v):
            return v.new_zeros(0)
        count = v.sum(1).long()  # int64 [M]
        # Frames with about as many notes are computed together, so that little is padded.
        order = count.argsort()  # int64 [M]
        size = -(-len(v) // GROUPS)
        groups = (x[order].split(size) for x in (v, b, c))
        nats = [self._nats(*group) for group in zip(*groups, strict=True)]
        return torch.zeros_like(count, dtype=v.dtype).index_copy(0, order, torch.cat(nats))  # [M]

    def _nats(self, v: Tensor, b: Tensor, c: Tensor) -> Tensor:
        """Return the log-likelihood [M] of a group of frames, arguments as those of `forward`."""
        below = v.cumsum(1) - v  # [M, 88] notes below each key: the index of its h
        most = int(v.sum(1).max())
        keys = torch.where(v > 0, torch.arange(KEYS, device=v.device), KEYS)  # int64 [M, 88]
        notes = keys.topk(most, dim=1, largest=False).values  # int64 [M, n], from the lowest
        added = torch.cat([self.heard, self.heard.new_zeros(1, c.shape[1])])[notes]  # [M, n, H]
        fields = torch.cat([c[:, None], c[:, None] + added.cumsum(1)], dim=1)  # [M, n + 1, H]
        every = torch.sigmoid(fields) @ self.said  # [M, n + 1, 88]
        logits = b + every.gather(1, below.long()[:, None])[:, 0]  # [M, 88]
        return logsigmoid(torch.where(v > 0, logits, -logits)).sum(1)


class NADE(Exact):
    """A NADE with the same biases in every frame; its state is empty."""

    Config = NADEConfig

    def __init__(self, config: NADEConfig) -> None:
        super().__init__(config, 0)
        self.keys = Ascent(config.hidden)
        self.visible = nn.Parameter(torch.zeros(KEYS))
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    @torch.no_grad()
    def set_marginals(self, share: Tensor) -> None:
        """Initialize with nearly independent keys: the log-odds of each."""
        self.visible.copy_(log_odds(share))

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        frames = v[mask]  # [M, 88]
        b, c = (x.expand(len(frames), -1) for x in (self.visible, self.bias))
        nats = v.new_zeros(mask.shape)  # [T, B]
        nats[mask] = self.keys(frames, b, c)
        return nats, state
