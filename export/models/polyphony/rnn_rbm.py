"""RNN-RBM: the biases of each frame's RBM come from an RNN (Boulanger-Lewandowski et al. 2012).

    b_v^t = b_v + u^(t-1) W_uv                          (paper 000, equation 14)
    b_h^t = b_h + u^(t-1) W_uh                          (equation 13)
    u^t = f(b_u + v^t W_vu + u^(t-1) W_uu)              (equation 17, corrected)

Equation 17 prints h^(t-1) for u^(t-1), a slip: the RNN would have no recurrence of its own.
`--recurrence printed` is the equation as printed, h being the mean activations. f is tanh, as in
the authors' code; the paper prints sigma (`--activation sigmoid`).
Conventions: N frames, B rows, R units of the RNN, H hidden units of the RBM; float32.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.rbm import RBM, RBMConfig, small

ACTIVATIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}


def choice(*names: str) -> str:
    """Return a field whose values are these names, the first by default."""
    return field(default=names[0], metadata={"choices": names})


@dataclass(frozen=True)
class RNNRBMConfig(RBMConfig):
    """Size of the RNN, the form of its equation, and the stage of training."""

    recurrent: int = 150
    activation: str = choice("tanh", "sigmoid")
    recurrence: str = choice("own", "printed")
    stage: str = choice("whole", "cross-entropy")
    """Trained part: everything by CD-k, or the RNN by the cross-entropy of independent keys."""
    spread: float = 0.03
    """Standard deviation of the RNN's initial weights (1e-4 in the authors' code)."""


class RNNRBM(RBM):
    """The model; its state [B, R] is the last u, with the printed recurrence u and h [B, R + H]."""

    Config = RNNRBMConfig
    config: RNNRBMConfig

    def __init__(self, config: RNNRBMConfig) -> None:
        units, hidden = config.recurrent, config.hidden
        printed = config.recurrence == "printed"
        super().__init__(config, units + hidden if printed else units)
        self.to_visible = small(units, KEYS, scale=1e-4)
        self.to_hidden = small(units, hidden, scale=1e-4)
        self.heard = small(KEYS, units, scale=config.spread)
        self.loop = small(hidden if printed else units, units, scale=config.spread)
        self.drift = nn.Parameter(torch.zeros(units))
        self.start = nn.Parameter(torch.zeros(self.width))
        self.act = ACTIVATIONS[config.activation]

    def initial(self, rows: int) -> Tensor:
        return self.start.expand(rows, -1)

    def hear(self, v: Tensor) -> Tensor:
        drive = v @ self.heard + self.drift  # [..., R]
        if self.config.recurrence == "printed":
            return torch.cat([drive, v @ self.weight + self.bias], dim=-1)  # [..., R + H]
        return drive

    def advance(self, drive: Tensor, state: Tensor) -> Tensor:
        if self.config.recurrence == "own":
            return self.act(drive + state @ self.loop)  # [B, R]
        sizes = [self.config.recurrent, self.config.hidden]
        (drive, fields), (u, h) = drive.split(sizes, -1), state.split(sizes, -1)
        after = self.act(drive + h @ self.loop), torch.sigmoid(fields + u @ self.to_hidden)
        return torch.cat(after, dim=-1)  # [B, R + H]

    def machine(self, states: Tensor) -> Boltzmann:
        u = states[..., : self.config.recurrent]  # [N, R]
        return Boltzmann(
            self.weight, self.visible + u @ self.to_visible, self.bias + u @ self.to_hidden
        )

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        if self.config.stage == "cross-entropy":
            return self.cross_entropy(v, states)
        return super().objective(v, states)

    def cross_entropy(self, v: Tensor, states: Tensor) -> Tensor:
        """Return -ln P(v) [] of the RNN alone, the keys independent given u."""
        logits = self.machine(states).visible  # [N, 88]
        return binary_cross_entropy_with_logits(logits, v, reduction="sum")
