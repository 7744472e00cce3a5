"""Lower bounds of the likelihood of a deep belief network of two layers, given its top RBM's ln Z.

    P(v) = sum_h P(v | h) P(h),  P(h) = exp(-F(h)) / Z of the top RBM

With h_1 .. h_K from q(h | v), the upward half of the first layer, and
w_k = P(v | h_k) exp(-F(h_k)) / q(h_k | v):

- 1/K sum_k ln w_k - ln Z estimates the variational bound (Salakhutdinov & Murray 2008);
- ln(1/K sum_k w_k) - ln Z is a bound that tightens with K, to ln P(v) in the limit (Burda, Grosse
  & Salakhutdinov 2016, equation 8).

Conventions: N frames, V visible units, H units of h; float32, nats.
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
    """Bounds of the log-likelihood of each frame [N], in nats."""

    variational: Tensor
    tightened: Tensor
    effective: Tensor
    """Effective number of samples of the tightened bound: (sum w)^2 / sum w^2, from 1 to K."""


@torch.no_grad()
def bounds(
    layers: tuple[Boltzmann, Boltzmann],
    v: Tensor,
    log_z: Tensor,
    samples: int,
    generator: torch.Generator,
) -> Bounds:
    """Return both bounds of frames v [N, V] from the same samples.

    `layers`: the machines of v and h, and the top machines, whose visible units are h and whose
    ln Z is `log_z` [N].
    """
    bottom, top = layers
    fields = v @ bottom.weight + bottom.hidden  # [N, H]
    share = torch.sigmoid(fields)
    log_w = []
    for _ in range(samples):
        uniform = torch.rand(share.shape, generator=generator, device=v.device)
        h = (uniform < share).to(v.dtype)  # [N, H]
        explained = log_bernoulli(v, h @ bottom.weight.T + bottom.visible)  # [N]
        log_w.append(explained - top.free_energy(h) - log_bernoulli(h, fields))
    stacked = torch.stack(log_w)  # [K, N]
    total = torch.logsumexp(stacked, 0)  # [N]
    effective = torch.exp(2 * total - torch.logsumexp(2 * stacked, 0))
    return Bounds(stacked.mean(0) - log_z, total - math.log(samples) - log_z, effective)


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """Return ln P(x) = sum_i (x_i l_i - ln(1 + exp(l_i))) [...] of binary units x [..., D].

    `logits` l [..., D].
    """
    return (x * logits - softplus(logits)).sum(-1)
