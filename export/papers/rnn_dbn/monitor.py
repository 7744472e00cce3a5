"""The figure the papers' authors watched: a pseudo log-likelihood, no likelihood.

As in the RNN-RBM tutorial (deeplearning.net): ln of the probability of the data under independent
keys with the mean activations that k Gibbs steps from the data leave. Chains that stay where they
begin earn a high one, so that it may fall while the likelihood rises.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from export.models.polyphony.boltzmann import Boltzmann, draw

RANDOM = -88 * math.log(2)
"""Nats per frame of the uniform distribution over frames of 88 keys: -60.997."""


@torch.no_grad()
def monitor(machines: Boltzmann, v: Tensor, steps: int = 15) -> Tensor:
    """Pseudo log-likelihood [N] of frames v [N, 88], each under its own machine, in nats."""
    return _pseudo(v, machines.chain(v, steps)[0])


@torch.no_grad()
def monitor_deep(layers: tuple[Boltzmann, Boltzmann], v: Tensor, steps: int = 15) -> Tensor:
    """The same of a deep belief network: the steps are the top RBM's, from h1 given v."""
    bottom, top = layers
    _, h = top.chain(draw(bottom.up(v)), steps)
    return _pseudo(v, bottom.down(h))


def _pseudo(v: Tensor, mean: Tensor) -> Tensor:
    return -binary_cross_entropy(mean, v, reduction="none").sum(-1)
