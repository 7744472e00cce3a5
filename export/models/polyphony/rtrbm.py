"""RTRBM: the RBM's own mean activations carry the past (Sutskever, Hinton & Taylor 2008).

u^t = sigma(v^t W + b_h^t), b_h^t = b_h + u^{t-1} W_uh, b_v^t = b_v + u^{t-1} W_uv (paper 000,
equations 13 to 15). Given u^{t-1} the frame is an RBM's, so that inference is exact and the
gradient of the likelihood is that of the RBMs, carried back through the u.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.rbm import RBM, RBMConfig, small

RECURRENT = 1e-4
"""Standard deviation of the recurrent weights to begin with, as in the authors' code."""


class RTRBM(RBM):
    """State [B, H]: the mean activations u of the frame before."""

    def __init__(self, config: RBMConfig) -> None:
        super().__init__(config, config.hidden)
        self.to_visible = small(config.hidden, KEYS, scale=RECURRENT)
        self.to_hidden = small(config.hidden, config.hidden, scale=RECURRENT)
        self.start = nn.Parameter(torch.zeros(config.hidden))

    def initial(self, rows: int) -> Tensor:
        return self.start.expand(rows, -1)

    def hear(self, v: Tensor) -> Tensor:
        return v @ self.weight + self.bias

    def advance(self, heard: Tensor, state: Tensor) -> Tensor:
        return torch.sigmoid(heard + state @ self.to_hidden)

    def machine(self, states: Tensor) -> Boltzmann:
        visible, hidden = self.visible + states @ self.to_visible, states @ self.to_hidden
        return Boltzmann(self.weight, visible, self.bias + hidden)
