"""The posterior network: an RHN reads a segment, and its states give a Gaussian over the latent.

    q(z | x) = N(mu, diag(sigma^2)),  [mu; ln sigma^2] = W [s_T; mean_t s_t] + b

(Kingma & Welling 2014, equation 9; paper 002, figure 2). Conventions: T events, B rows, E input
width, H state width, Z latent width; float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.cells.rhn import RHN


class Encoder(nn.Module):
    """The diagonal Gaussian q(z | segment) = N(mean, exp(log-variance))."""

    def __init__(self, inputs: int, hidden: int, latent: int, depth: int = 2) -> None:
        super().__init__()
        self.rhn = RHN(inputs, hidden, depth)
        self.out = nn.Linear(2 * hidden, 2 * latent)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance [B, Z] of segments `x` [T, B, E], `mask` bool [T, B]."""
        states, last = self.rhn(x, self.rhn.initial(x.shape[1]), mask)  # [T, B, H], [B, H]
        # The mean over events represents the beginning of the segment, the last state its end.
        weights = mask[..., None].to(x.dtype)  # [T, B, 1]
        mean_state = (states * weights).sum(0) / weights.sum(0).clamp(min=1)  # [B, H]
        summary = torch.cat([last, mean_state], dim=-1)  # [B, 2 H]
        mean, log_variance = self.out(summary).chunk(2, dim=-1)  # [B, Z] each
        return mean, log_variance.clamp(-8, 4)
