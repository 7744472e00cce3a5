"""Language model: the decoder reads the previous event (paper 002, figure 1).

Loss: L = -sum_t ln p(x_t | x_1 .. x_(t-1)).
"""

from __future__ import annotations

import torch
from torch import Tensor

from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig


class LM(MelodyModel):
    """The decoder's input is [last event; metadata]; there is no latent point."""

    def __init__(self, config: MelodyConfig) -> None:
        super().__init__(config, latent=0, decoder_inputs=config.history_width + config.meta_width)

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        del latent
        return torch.cat([history, meta], dim=-1)  # [..., history + meta]
