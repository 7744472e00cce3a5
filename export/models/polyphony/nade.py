"""NADE: a frame key by key, each given those below it (Larochelle & Murray 2011).

From the lowest key i to the highest, h_i = sigma(c + sum_{j<i} v_j W_j) and
P(v_i = 1 | v_<i) = sigma(b_i + V_i h_i): exact, with no normaliser to estimate. h changes only
after a key that sounds, so that a frame of n notes has n + 1 different h rather than 88: these are
computed, and each key takes what its own of them says. One matrix product a frame, no step a key.
Conventions: M frames, H hidden units, n notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.models.polyphony.rbm import log_odds, small

GROUPS = 8
"""In which the frames of a batch are taken, by their number of notes."""


@dataclass(frozen=True)
class NADEConfig(FrameConfig):
    """Its size."""

    hidden: int = 150


class Ascent(nn.Module):
    """The weights W [88, H] and V [H, 88] of a NADE; its biases b and c are given."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.heard = small(KEYS, hidden, scale=0.01)
        self.said = small(hidden, KEYS, scale=0.01)

    def forward(self, v: Tensor, b: Tensor, c: Tensor) -> Tensor:
        """Log-likelihood [M] of frames `v` [M, 88] with biases `b` [M, 88] and `c` [M, H]."""
        if not len(v):
            return v.new_zeros(0)
        count = v.sum(1).long()
        # Frames of about as many notes together: little is computed beyond a frame's own.
        order = count.argsort()
        size = -(-len(v) // GROUPS)
        groups = (x[order].split(size) for x in (v, b, c))
        nats = [self._nats(*group) for group in zip(*groups, strict=True)]
        return torch.zeros_like(count, dtype=v.dtype).index_copy(0, order, torch.cat(nats))

    def _nats(self, v: Tensor, b: Tensor, c: Tensor) -> Tensor:
        below = v.cumsum(1) - v
        """Notes below each key [M, 88]: which of the n + 1 it is told."""
        most = int(v.sum(1).max())
        keys = torch.where(v > 0, torch.arange(KEYS, device=v.device), KEYS)
        notes = keys.topk(most, dim=1, largest=False).values
        added = torch.cat([self.heard, self.heard.new_zeros(1, c.shape[1])])[notes]
        told = torch.cat([c[:, None], c[:, None] + added.cumsum(1)], dim=1)
        every = torch.sigmoid(told) @ self.said
        logits = b + every.gather(1, below.long()[:, None])[:, 0]
        return logsigmoid(torch.where(v > 0, logits, -logits)).sum(1)


class NADE(Exact):
    """Every frame from the same distribution, whatever sounded before; its state is empty."""

    Config = NADEConfig

    def __init__(self, config: NADEConfig) -> None:
        super().__init__(config, 0)
        self.keys = Ascent(config.hidden)
        self.visible = nn.Parameter(torch.zeros(KEYS))
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    @torch.no_grad()
    def set_marginals(self, share: Tensor) -> None:
        """Begin with nearly independent keys: the log-odds of each."""
        self.visible.copy_(log_odds(share))

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        frames = v[mask]
        b, c = (x.expand(len(frames), -1) for x in (self.visible, self.bias))
        nats = v.new_zeros(mask.shape)
        nats[mask] = self.keys(frames, b, c)
        return nats, state
