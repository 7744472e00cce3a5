"""The pseudo log-likelihood that the program of paper 000 reports; it is not a likelihood.

    monitor = sum_i (v_i ln p_i + (1 - v_i) ln(1 - p_i)),  p = P(v = 1 | h) after k Gibbs steps

The steps start from the data v, as in the RNN-RBM tutorial (deeplearning.net). Chains that do not
move far from the data have a high value, so that it may fall while the likelihood rises.
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
    """Return the pseudo log-likelihood [N] of frames v [N, 88], each under its machine, in nats."""
    return _pseudo(v, machines.chain(v, steps)[0])


@torch.no_grad()
def monitor_deep(layers: tuple[Boltzmann, Boltzmann], v: Tensor, steps: int = 15) -> Tensor:
    """Return the pseudo log-likelihood [N] under deep belief networks, in nats.

    The Gibbs steps are the top RBM's, from a sample of h1 given v.
    """
    bottom, top = layers
    _, h = top.chain(draw(bottom.up(v)), steps)  # [N, H]
    return _pseudo(v, bottom.down(h))


def _pseudo(v: Tensor, mean: Tensor) -> Tensor:
    return -binary_cross_entropy(mean, v, reduction="none").sum(-1)
