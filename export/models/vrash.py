"""VRASH: variational recurrent autoencoder supported by history (paper 002, figure 3)."""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.melody import CYCLES, MelodyConfig, MelodyModel


class VRASH(MelodyModel):
    """x_t = [z; metadata; last event]: the VAE that also listens to what it has played."""

    def __init__(self, config: MelodyConfig) -> None:
        meta = config.tag_width + 2 * len(CYCLES)
        inputs = config.latent + meta + config.history_width
        super().__init__(config, latent=config.latent, decoder_inputs=inputs)

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        return torch.cat([latent, meta, history], dim=-1)
