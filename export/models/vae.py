"""Variational autoencoder: the decoder reads the latent point alone (paper 002, figure 2).

Loss: L = -E_q(z|x)[sum_t ln p(x_t | z)] + KL(q(z | x) || N(0, I)) (Kingma & Welling 2014,
equation 3). Events are not fed back to the decoder.
"""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig


class VAE(MelodyModel):
    """The decoder's input is [z; tags], without history and hence without the metric clock."""

    def __init__(self, config: MelodyConfig) -> None:
        inputs = config.latent + config.tag_width
        super().__init__(config, latent=config.latent, decoder_inputs=inputs)

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        del history
        # The clock is the sum of the durations so far, which would be history.
        tags = meta[..., : self.config.tag_width]  # [..., tag_width]
        return torch.cat([latent, tags], dim=-1)  # [..., Z + tag_width]
