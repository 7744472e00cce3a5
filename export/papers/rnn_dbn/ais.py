"""ln Z of restricted Boltzmann machines by annealed importance sampling.

Neal 2001; Salakhutdinov & Murray 2008 for these machines. The base rate is the machine with the
same visible biases whose weights and hidden biases are zero: its ln Z_0 is known. The machines
between, at 0 = beta_0 < ... < beta_K = 1, have the unnormalized probability

    p_beta(v) = exp(b'v) prod_j (1 + exp(beta (c_j + (v W)_j)))
    ln Z_0 = sum_i ln(1 + exp(b_i)) + H ln 2
    ln w = sum_k (ln p_(beta_k)(v_k) - ln p_(beta_(k-1))(v_k)),  v_(k+1) ~ a Gibbs step at beta_k
    ln Z = ln Z_0 + ln mean_chains w

The mean of the weights is an unbiased estimate of Z, hence ln Z is too low on average and a
likelihood too high. The standard deviation of the log-weights, which is reported, bounds this.
Conventions: N machines, V visible and H hidden units; float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import softplus

from export.models.polyphony.boltzmann import Boltzmann

CHUNK = 4096
"""Chains run at once; bounds the memory."""


@dataclass(frozen=True, slots=True)
class Annealing:
    """Effort of the estimate of ln Z."""

    betas: int = 1000
    """Inverse temperatures, evenly from 0 to 1."""
    chains: int = 16
    """Independent chains of each machine."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Estimates of ln Z of N machines, in nats."""

    log_z: Tensor
    """Estimate of ln Z [N]."""
    deviation: Tensor
    """Standard deviation of the log-weights of a machine's chains [N]."""


@torch.no_grad()
def partition(machines: Boltzmann, plan: Annealing, generator: torch.Generator) -> Partition:
    """Estimate ln Z of each machine; the generator must be on the machines' device."""
    step = max(CHUNK // plan.chains, 1)
    found = [
        _log_weights(machines[i : i + step], plan, generator)
        for i in range(0, len(machines.visible), step)
    ]
    log_w = torch.cat(found, dim=1)  # [chains, N]
    log_z = torch.logsumexp(log_w, 0) - math.log(plan.chains)
    return Partition(log_z, log_w.std(0))


def _log_weights(machines: Boltzmann, plan: Annealing, generator: torch.Generator) -> Tensor:
    """Return ln Z_0 + ln w [chains, N]."""
    weight, b, c = machines.weight, machines.visible, machines.hidden  # [V, H], [N, V], [N, H]
    base = softplus(b).sum(-1) + c.shape[-1] * math.log(2)  # [N]
    v = _draw(torch.sigmoid(b).expand(plan.chains, *b.shape), generator)  # [chains, N, V]
    log_w = base.expand(plan.chains, -1).clone()  # [chains, N]
    betas = torch.linspace(0, 1, plan.betas + 1).tolist()
    for before, beta in pairwise(betas):
        fields = v @ weight + c  # [chains, N, H]
        log_w += (softplus(beta * fields) - softplus(before * fields)).sum(-1)
        h = _draw(torch.sigmoid(beta * fields), generator)  # [chains, N, H]
        v = _draw(torch.sigmoid(beta * (h @ weight.T) + b), generator)  # [chains, N, V]
    return log_w


def _draw(probability: Tensor, generator: torch.Generator) -> Tensor:
    """Return binary units (0.0 or 1.0) with these probabilities."""
    uniform = torch.rand(probability.shape, generator=generator, device=probability.device)
    return (uniform < probability).to(probability.dtype)
