"""RNN-NADE: the biases of each frame's NADE come from an RNN (Boulanger-Lewandowski et al. 2012).

    b^t = b + u^(t-1) W_ub,  c^t = c + u^(t-1) W_uc,  P(v^t | v^<t) = NADE(v^t; b^t, c^t)

With `--output independent` the keys are independent given the past: the RNN alone, which the
paper's authors train first; continue from it with `--begin-with` and the NADE's output.
Conventions: M frames, R units of the RNN; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from export.models.polyphony.nade import Ascent
from export.models.polyphony.rnn_rbm import choice
from export.models.polyphony.sigmoid_rnn import SigmoidRNN, SigmoidRNNConfig, independent


@dataclass(frozen=True)
class RNNNADEConfig(SigmoidRNNConfig):
    """Size of the NADE, and the output that is trained."""

    hidden: int = 150
    output: str = choice("nade", "independent")


class RNNNADE(SigmoidRNN):
    """The model; its state is that of the RNN."""

    Config = RNNNADEConfig
    config: RNNNADEConfig

    def __init__(self, config: RNNNADEConfig) -> None:
        super().__init__(config)
        self.keys = Ascent(config.hidden)
        self.bias = nn.Linear(config.recurrent, config.hidden)

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.state_dict() | weights

    def frame(self, v: Tensor, u: Tensor) -> Tensor:
        b = self.visible(u)  # [M, 88]
        if self.config.output == "independent":
            return independent(v, b)
        nats: Tensor = self.keys(v, b, self.bias(u))
        return nats
