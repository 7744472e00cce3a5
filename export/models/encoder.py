"""The posterior network: an RHN reads a segment, its states give a Gaussian over the latent."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.rhn import RHN


class Encoder(nn.Module):
    """q(z | segment) = N(mean, exp(log-variance)), diagonal (Kingma & Welling 2014)."""

    def __init__(self, inputs: int, hidden: int, latent: int, depth: int = 2) -> None:
        super().__init__()
        self.rhn = RHN(inputs, hidden, depth)
        self.out = nn.Linear(2 * hidden, 2 * latent)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance [B, Z] of segments `x` [T, B, E] under `mask` bool [T, B]."""
        states, last = self.rhn(x, self.rhn.initial(x.shape[1]), mask)
        # The mean over events keeps the beginning of the segment in sight, the last state its end.
        weights = mask[..., None].to(x.dtype)
        mean_state = (states * weights).sum(0) / weights.sum(0).clamp(min=1)
        mean, log_variance = self.out(torch.cat([last, mean_state], dim=-1)).chunk(2, dim=-1)
        return mean, log_variance.clamp(-8, 4)
