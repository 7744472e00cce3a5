"""RTRBM: the RBM's own mean activations carry the past (Sutskever, Hinton & Taylor 2008).

    u^t = sigmoid(v^t W + b_h^t)                        (paper 000, equation 15)
    b_h^t = b_h + u^(t-1) W_uh,  b_v^t = b_v + u^(t-1) W_uv    (equations 13 and 14)

Given u^(t-1) the frame is an RBM's, so that inference is exact and the gradient of the likelihood
is that of the RBMs, carried back through the u. Conventions: N frames, B rows, H units; float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.rbm import RBM, RBMConfig, small

RECURRENT = 1e-4
"""Standard deviation of the initial recurrent weights, as in the authors' code."""


class RTRBM(RBM):
    """The model; its state [B, H] is the mean activations u of the frame before."""

    def __init__(self, config: RBMConfig) -> None:
        super().__init__(config, config.hidden)
        self.to_visible = small(config.hidden, KEYS, scale=RECURRENT)
        self.to_hidden = small(config.hidden, config.hidden, scale=RECURRENT)
        self.start = nn.Parameter(torch.zeros(config.hidden))

    def initial(self, rows: int) -> Tensor:
        return self.start.expand(rows, -1)

    def hear(self, v: Tensor) -> Tensor:
        return v @ self.weight + self.bias  # [..., H]

    def advance(self, drive: Tensor, state: Tensor) -> Tensor:
        return torch.sigmoid(drive + state @ self.to_hidden)  # [B, H]

    def machine(self, states: Tensor) -> Boltzmann:
        # Biases of the visible units [N, 88] and the RNN's part of those of the hidden ones [N, H].
        visible, hidden = self.visible + states @ self.to_visible, states @ self.to_hidden
        return Boltzmann(self.weight, visible, self.bias + hidden)
