"""RNN-DBN: a deep belief network of two hidden layers with biases from an RNN (paper 000).

P(v, h1 | past) = P(v | h1) P(h1), where P(v | h1) is the downward half of the first RBM and P(h1)
the second RBM, on top, with h2 summed out. Beside the biases of an RNN-RBM the top one's are
b_h2^t = b_h2 + u^{t-1} W_uh2 (equation 16). The layers are trained greedily, each by CD-k:

- stage `first`: the RNN-RBM of v and h1, the RNN with it;
- stage `second`: the top RBM on h1, all below at rest. It begins as the first RBM upside down
  (`tied`; Hinton, Osindero & Teh 2006), where it is the prior the first layer implies: from there
  any better prior is a better bound of the likelihood;
- stage `fine`: everything, the RNN through time, by reweighted wake-sleep (Bornschein & Bengio
  2015): samples of h1 given v, weighted by how well the model explains v with them.

The author's code differs in two places (`static_biases=True`): h1 given v, and v given h1, without
what the RNN adds.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from export.models.polyphony.boltzmann import Boltzmann, draw
from export.models.polyphony.rbm import KEYS, RBM, SWEEPS
from export.models.polyphony.rnn_rbm import RNNRBM

SAMPLES = 5
"""Samples of h1 a frame in the `fine` stage."""


class RNNDBN(RNNRBM):
    """State as an RNN-RBM's; `machine` is the first layer's."""

    def __init__(self, config) -> None:
        super().__init__(config)
        self.top_weight = nn.Parameter(torch.randn(config.hidden, config.top) * 0.01)
        self.top_bias = nn.Parameter(torch.zeros(config.top))
        self.to_top = nn.Parameter(torch.randn(config.recurrent, config.top) * 1e-4)

    @torch.no_grad()
    def tie(self) -> None:
        """Begin the top RBM as the first one upside down; units beyond the keys stay small."""
        keys = min(KEYS, self.config.top)
        self.top_weight[:, :keys] = self.weight.T[:, :keys]
        self.top_bias[:keys] = self.visible[:keys]
        self.to_top[:, :keys] = self.to_visible[:, :keys]

    def bottom(self, states: Tensor) -> Boltzmann:
        """What links v and h1 in the frames that follow these states."""
        return RBM.machine(self, states) if self.config.static_biases else self.machine(states)

    def top(self, states: Tensor) -> Boltzmann:
        """The RBMs of h1 (its visible units) and h2 of the frames that follow these states."""
        u = states[..., : self.config.recurrent]
        return Boltzmann(
            self.top_weight, self.bias + u @ self.to_hidden, self.top_bias + u @ self.to_top
        )

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        if self.stage == "second":
            return self.second(v, states.detach())
        if self.stage == "fine":
            return self.fine(v, states)
        return super().objective(v, states)

    def second(self, v: Tensor, states: Tensor) -> Tensor:
        """CD-k of the top RBM, its data the first layer's activations, which are held."""
        h = self.bottom(states).detach().up(v)
        top = self.top(states)
        top = Boltzmann(top.weight, top.visible.detach(), top.hidden)
        return top.contrast(draw(h) if self.config.passed == "samples" else h, self.config.steps)

    def fine(self, v: Tensor, states: Tensor) -> Tensor:
        """Reweighted wake-sleep: K samples, generative and recognition weights in one pass."""
        bottom, top = self.bottom(states), self.top(states)
        fields = v @ bottom.weight + bottom.hidden
        h = draw(torch.sigmoid(fields.detach()).expand(SAMPLES, *fields.shape))
        q = bernoulli(h, fields)
        joint = bernoulli(v, h @ bottom.weight.T + bottom.visible) - top.free_energy(h)
        share = torch.softmax((joint - q).detach(), dim=0)
        begin = h[torch.multinomial(share.T, 1)[:, 0], torch.arange(len(v))]
        _, dream = top.detach().chain(begin, self.config.steps)
        return -(share * (joint + q)).sum() - top.free_energy(dream).sum()

    @property
    def noise(self) -> int:
        return SWEEPS * (self.config.hidden + self.config.top) + KEYS

    def sample(self, state: Tensor, noise: Tensor) -> Tensor:
        """A frame [B, 88]: 25 Gibbs steps of the top RBM from h1 = 0, then v; noise [B, N]."""
        bottom, top = self.bottom(state), self.top(state)
        h1 = state.new_zeros(len(state), self.config.hidden)
        for sweep in noise[:, :-KEYS].chunk(SWEEPS, dim=1):
            above, below = sweep.split([self.config.top, self.config.hidden], dim=1)
            h2 = (above < top.up(h1)).to(h1.dtype)
            h1 = (below < top.down(h2)).to(h1.dtype)
        return (noise[:, -KEYS:] < bottom.down(h1)).to(h1.dtype)


def bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """ln P(x) [...] of independent binary units x [..., D]."""
    return (x * logits - softplus(logits)).sum(-1)
