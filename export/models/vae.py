"""Variational autoencoder: the decoder sees the latent point alone (paper 002, figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.melody import MelodyConfig, MelodyModel


class VAE(MelodyModel):
    """x_t = [z; tags]: nothing of what was played, so no metric clock either."""

    def __init__(self, config: MelodyConfig) -> None:
        inputs = config.latent + config.tag_width
        super().__init__(config, latent=config.latent, decoder_inputs=inputs)

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        del history
        # The clock adds up the durations played so far: that would be history.
        return torch.cat([latent, meta[..., : self.config.tag_width]], dim=-1)
