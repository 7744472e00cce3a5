"""Lower bounds of a deep belief network's likelihood, given its top RBM's ln Z.

Of two layers: P(v) = sum_h P(v | h) P(h), where P(h) = exp(-F(h)) / Z of the top RBM. With
h_1 .. h_K from q(h | v), the first layer's upward half, and
w_k = P(v | h_k) exp(-F(h_k)) / q(h_k | v):

- the mean of ln w_k - ln Z estimates the variational bound (Salakhutdinov & Murray 2008);
- ln of the mean of w_k, less ln Z, a bound that tightens with K, to ln P(v) in the limit (Burda,
  Grosse & Salakhutdinov 2016, equation 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from export.models.polyphony.boltzmann import Boltzmann


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of each frame [N], in nats."""

    variational: Tensor
    tightened: Tensor
    effective: Tensor
    """How many samples the tightened bound rests on: (sum w)^2 / sum w^2, from 1 to K."""


@torch.no_grad()
def bounds(
    layers: tuple[Boltzmann, Boltzmann],
    v: Tensor,
    log_z: Tensor,
    samples: int,
    generator: torch.Generator,
) -> Bounds:
    """Both bounds of frames v [N, V] from the same samples.

    `layers`: what links v and h, and the top machines, whose visible units are h and whose ln Z is
    `log_z` [N].
    """
    bottom, top = layers
    fields = v @ bottom.weight + bottom.hidden
    share = torch.sigmoid(fields)
    log_w = []
    for _ in range(samples):
        uniform = torch.rand(share.shape, generator=generator, device=v.device)
        h = (uniform < share).to(v.dtype)
        explained = log_bernoulli(v, h @ bottom.weight.T + bottom.visible)
        log_w.append(explained - top.free_energy(h) - log_bernoulli(h, fields))
    stacked = torch.stack(log_w)
    total = torch.logsumexp(stacked, 0)
    effective = torch.exp(2 * total - torch.logsumexp(2 * stacked, 0))
    return Bounds(stacked.mean(0) - log_z, total - math.log(samples) - log_z, effective)


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """Log-probability [...] of independent binary units x [..., D]."""
    return (x * logits - softplus(logits)).sum(-1)
