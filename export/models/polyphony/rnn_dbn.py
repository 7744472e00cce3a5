"""RNN-DBN: a deep belief network of two hidden layers with biases from an RNN (paper 000).

    P(v, h1 | past) = P(v | h1) P(h1),  P(h1) = exp(-F(h1)) / Z     (equation 11)
    b_h2^t = b_h2 + u^(t-1) W_uh2                                   (equation 16)

P(v | h1) is the downward half of the first RBM and P(h1) the second RBM, on top, with h2 summed
out; the other biases are those of an RNN-RBM. The layers are trained greedily, each by CD-k:

- first an RNN-RBM of v and h1, the RNN with it: a model of its own, from whose checkpoint this one
  begins (`--begin-with`);
- stage `second`: the top RBM on h1, everything below it frozen. It is initialized as the first RBM
  upside down (Hinton, Osindero & Teh 2006), the prior that the first layer implies, so that any
  better prior is a better bound of the likelihood (`--no-tied`: small random weights);
- stage `fine`: everything, the RNN through time, by reweighted wake-sleep (Bornschein & Bengio
  2015) with K samples h_k ~ q(h1 | v):
  w_k = softmax_k(ln P(v, h_k) - ln q(h_k | v)), L = -sum_k w_k (ln P(v, h_k) + ln q(h_k | v)).

The author's code differs in two places (`--static-biases`): h1 given v, and v given h1, have
biases without the contribution of the RNN.
Conventions: N frames, H units of h1, H2 units of h2, K samples; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models.polyphony.boltzmann import Boltzmann, draw
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.rbm import RBM, SWEEPS, WATCH, small
from export.models.polyphony.rnn_rbm import RNNRBM, RNNRBMConfig, choice
from export.papers.rnn_dbn.ais import partition
from export.papers.rnn_dbn.bound import bounds, log_bernoulli

SAMPLES = 5
"""K: samples of h1 a frame in the `fine` stage and in early stopping."""


@dataclass(frozen=True)
class RNNDBNConfig(RNNRBMConfig):
    """Size of the second layer, and its training."""

    top: int = 150
    stage: str = choice("second", "fine")
    tied: bool = True
    passed: str = choice("samples", "means")
    """Data of the second layer: samples of h1 or, as in the author's code, its means."""
    static_biases: bool = False


class RNNDBN(RNNRBM):
    """The model; its state is that of an RNN-RBM, `machine` the first layer."""

    Config = RNNDBNConfig
    config: RNNDBNConfig

    def __init__(self, config: RNNDBNConfig) -> None:
        super().__init__(config)
        self.top_weight = small(config.hidden, config.top, scale=0.01)
        self.top_bias = nn.Parameter(torch.zeros(config.top))
        self.to_top = small(config.recurrent, config.top, scale=1e-4)

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        complete = super().completed(weights)
        if "top_weight" not in weights and self.config.tied:
            # Weights of units of h2 beyond the keys stay small.
            units = min(KEYS, self.config.top)
            for name, below in (
                ("top_weight", complete["weight"].T),
                ("top_bias", complete["visible"]),
                ("to_top", complete["to_visible"]),
            ):
                complete[name] = complete[name].clone()
                complete[name][..., :units] = below[..., :units]
        return complete

    def bottom(self, states: Tensor) -> Boltzmann:
        """Return the RBMs of v and h1 of the frames that follow `states` [N, W]."""
        return RBM.machine(self, states) if self.config.static_biases else self.machine(states)

    def top(self, states: Tensor) -> Boltzmann:
        """Return the RBMs of h1 (its visible units) and h2 of the frames after `states` [N, W]."""
        u = states[..., : self.config.recurrent]  # [N, R]
        return Boltzmann(
            self.top_weight, self.bias + u @ self.to_hidden, self.top_bias + u @ self.to_top
        )

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        if self.config.stage == "second":
            return self.second(v, states.detach())
        return self.fine(v, states)

    def second(self, v: Tensor, states: Tensor) -> Tensor:
        """Return the CD-k objective [] of the top RBM, its data the first layer's activations."""
        h = self.bottom(states).detach().up(v)  # [N, H]
        top = self.top(states)
        top = Boltzmann(top.weight, top.visible.detach(), top.hidden)
        return top.contrast(draw(h) if self.config.passed == "samples" else h, self.config.steps)

    def fine(self, v: Tensor, states: Tensor) -> Tensor:
        """Return the objective [] of reweighted wake-sleep for frames v [N, 88].

        Generative and recognition weights are trained in one pass. The gradient of the top's ln Z
        comes from CD-k chains that begin at a sample chosen by weight.
        """
        bottom, top = self.bottom(states), self.top(states)
        fields = v @ bottom.weight + bottom.hidden  # [N, H]
        h = draw(torch.sigmoid(fields.detach()).expand(SAMPLES, *fields.shape))  # [K, N, H]
        q = log_bernoulli(h, fields)  # [K, N]
        joint = log_bernoulli(v, h @ bottom.weight.T + bottom.visible) - top.free_energy(h)
        share = torch.softmax((joint - q).detach(), dim=0)  # [K, N]
        begin = h[torch.multinomial(share.T, 1)[:, 0], torch.arange(len(v))]  # [N, H]
        _, dream = top.detach().chain(begin, self.config.steps)  # [N, H]
        return -(share * (joint + q)).sum() - top.free_energy(dream).sum()

    def watched(self, v: Tensor, states: Tensor) -> Tensor:
        """Return a lower bound of ln P(v) [N], with the top's ln Z by a short annealing."""
        generator = torch.Generator(v.device).manual_seed(0)
        bottom, top = self.bottom(states), self.top(states)
        log_z = partition(top, WATCH, generator).log_z
        return bounds((bottom, top), v, log_z, SAMPLES, generator).tightened

    @property
    def noise(self) -> int:
        return SWEEPS * (self.config.hidden + self.config.top) + KEYS

    def sample(self, state: Tensor, noise: Tensor) -> Tensor:
        """Return a frame [B, 88]: 25 Gibbs steps of the top RBM from h1 = 0, then v given h1.

        `noise` [B, self.noise] is uniform.
        """
        bottom, top = self.bottom(state), self.top(state)
        h1 = state.new_zeros(len(state), self.config.hidden)  # [B, H]
        for sweep in noise[:, :-KEYS].chunk(SWEEPS, dim=1):
            above, below = sweep.split([self.config.top, self.config.hidden], dim=1)
            h2 = (above < top.up(h1)).to(h1.dtype)  # [B, H2]
            h1 = (below < top.down(h2)).to(h1.dtype)  # [B, H]
        return (noise[:, -KEYS:] < bottom.down(h1)).to(h1.dtype)
