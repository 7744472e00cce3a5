"""VRASH: variational recurrent autoencoder supported by history (paper 002, figure 3).

Loss: L = -E_q(z|x)[sum_t ln p(x_t | z, x_1 .. x_(t-1))] + KL(q(z | x) || N(0, I)).
"""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig


class VRASH(MelodyModel):
    """The decoder's input is [z; metadata; last event]: a VAE whose decoder reads its own past."""

    def __init__(self, config: MelodyConfig) -> None:
        inputs = config.latent + config.meta_width + config.history_width
        super().__init__(config, latent=config.latent, decoder_inputs=inputs)

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        return torch.cat([latent, meta, history], dim=-1)  # [..., Z + meta + history]
