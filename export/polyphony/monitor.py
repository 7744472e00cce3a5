"""The figure watched while an RBM trains: a pseudo log-likelihood, no likelihood.

As in the RNN-RBM tutorial (deeplearning.net): ln of the probability of the data under independent
keys with the mean activations that k Gibbs steps from the data leave. A machine that keeps what
it is shown, and so has learnt nothing, gets a high one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from export.models.polyphony.boltzmann import Boltzmann

RANDOM = -88 * math.log(2)
"""Nats per frame of the uniform distribution over frames of 88 keys: -60.997."""


@torch.no_grad()
def monitor(machines: Boltzmann, v: Tensor, steps: int = 15) -> Tensor:
    """Pseudo log-likelihood [N] of each frame v [N, 88] under its own machine, in nats."""
    mean, _ = machines.chain(v, steps)
    return -binary_cross_entropy(mean, v, reduction="none").sum(-1)
