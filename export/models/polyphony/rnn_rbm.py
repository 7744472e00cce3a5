"""RNN-RBM: the biases of each frame's RBM come from an RNN (Boulanger-Lewandowski et al. 2012).

b_v^t = b_v + u^{t-1} W_uv and b_h^t = b_h + u^{t-1} W_uh (paper 000, equations 13 and 14), where
u^t = f(b_u + v^t W_vu + u^{t-1} W_uu). Equation 17 prints h^{t-1} for u^{t-1}, a slip: the RNN
would not hear itself. `--recurrence printed` is the equation as it stands, h being the mean
activations. f is tanh, as in the authors' code; the paper prints sigma (`--activation sigmoid`).
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
    """A field whose values are these names, the first by default."""
    return field(default=names[0], metadata={"choices": names})


@dataclass(frozen=True)
class RNNRBMConfig(RBMConfig):
    """Size of the RNN, the forms of its equation, and the stage of training."""

    recurrent: int = 150
    activation: str = choice("tanh", "sigmoid")
    recurrence: str = choice("own", "printed")
    stage: str = choice("whole", "cross-entropy")
    """What is trained: all by CD-k, or the RNN alone by the cross-entropy of independent keys."""
    spread: float = 0.03
    """Standard deviation of the RNN's weights to begin with (1e-4 in the authors' code)."""


class RNNRBM(RBM):
    """State [B, R]: u of the frame before; with the printed recurrence [B, R + H]: u and h."""

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
        heard = v @ self.heard + self.drift
        if self.config.recurrence == "printed":
            return torch.cat([heard, v @ self.weight + self.bias], dim=-1)
        return heard

    def advance(self, heard: Tensor, state: Tensor) -> Tensor:
        if self.config.recurrence == "own":
            return self.act(heard + state @ self.loop)
        sizes = [self.config.recurrent, self.config.hidden]
        (heard, fields), (u, h) = heard.split(sizes, -1), state.split(sizes, -1)
        after = self.act(heard + h @ self.loop), torch.sigmoid(fields + u @ self.to_hidden)
        return torch.cat(after, dim=-1)

    def machine(self, states: Tensor) -> Boltzmann:
        u = states[..., : self.config.recurrent]
        return Boltzmann(
            self.weight, self.visible + u @ self.to_visible, self.bias + u @ self.to_hidden
        )

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        if self.config.stage == "cross-entropy":
            return self.cross_entropy(v, states)
        return super().objective(v, states)

    def cross_entropy(self, v: Tensor, states: Tensor) -> Tensor:
        """-ln P(v) of the RNN alone, the keys independent given u: to begin from."""
        logits = self.machine(states).visible
        return binary_cross_entropy_with_logits(logits, v, reduction="sum")
