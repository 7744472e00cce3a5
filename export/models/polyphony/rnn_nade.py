"""RNN-NADE: the biases of each frame's NADE come from an RNN (Boulanger-Lewandowski et al. 2012).

b^t = b + u^{t-1} W_ub and c^t = c + u^{t-1} W_uc. With `--output independent` the keys do not know
of each other: the RNN alone, which the paper's authors train first; go on from it with
`--begin-with` and the NADE's output.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from export.models.polyphony.nade import Ascent
from export.models.polyphony.rnn_rbm import choice
from export.models.polyphony.sigmoid_rnn import SigmoidRNN, SigmoidRNNConfig, independent


@dataclass(frozen=True)
class RNNNADEConfig(SigmoidRNNConfig):
    """Size of the NADE, and whether it speaks."""

    hidden: int = 150
    output: str = choice("nade", "independent")


class RNNNADE(SigmoidRNN):
    """State as the RNN's."""

    Config = RNNNADEConfig
    config: RNNNADEConfig

    def __init__(self, config: RNNNADEConfig) -> None:
        super().__init__(config)
        self.keys = Ascent(config.hidden)
        self.bias = nn.Linear(config.recurrent, config.hidden)

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.state_dict() | weights

    def frame(self, v: Tensor, u: Tensor) -> Tensor:
        b = self.visible(u)
        if self.config.output == "independent":
            return independent(v, b)
        nats: Tensor = self.keys(v, b, self.bias(u))
        return nats
