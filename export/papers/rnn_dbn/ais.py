"""ln Z of restricted Boltzmann machines by annealed importance sampling.

Neal 2001; Salakhutdinov & Murray 2008 for these machines. The base rate is the machine with the
same visible biases whose weights and hidden biases are zero: its ln Z is known. The machines
between, at 0 <= beta <= 1, have the unnormalised probability

    p_beta(v) = exp(b'v) prod_j (1 + exp(beta (c_j + (v W)_j))).

The mean of the weights is an unbiased estimate of Z, hence ln Z is too low on the average and a
likelihood too high: look at the standard deviation of the log-weights, which is reported.
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
    """How thoroughly ln Z is estimated."""

    betas: int = 1000
    """Inverse temperatures, evenly from 0 to 1."""
    chains: int = 16
    """Independent chains of each machine."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What was found of N machines, float32 [N] each, in nats."""

    log_z: Tensor
    deviation: Tensor
    """Standard deviation of the log-weights of a machine's chains."""


@torch.no_grad()
def partition(machines: Boltzmann, plan: Annealing, generator: torch.Generator) -> Partition:
    """Estimate ln Z of each machine; the generator must be of the machines' device."""
    step = max(CHUNK // plan.chains, 1)
    found = [
        _log_weights(machines[i : i + step], plan, generator)
        for i in range(0, len(machines.visible), step)
    ]
    log_w = torch.cat(found, dim=1)
    log_z = torch.logsumexp(log_w, 0) - math.log(plan.chains)
    return Partition(log_z, log_w.std(0))


def _log_weights(machines: Boltzmann, plan: Annealing, generator: torch.Generator) -> Tensor:
    """Log-weights [chains, N], the base's ln Z included."""
    weight, b, c = machines.weight, machines.visible, machines.hidden
    base = softplus(b).sum(-1) + c.shape[-1] * math.log(2)
    v = _draw(torch.sigmoid(b).expand(plan.chains, *b.shape), generator)
    log_w = base.expand(plan.chains, -1).clone()
    betas = torch.linspace(0, 1, plan.betas + 1).tolist()
    for before, beta in pairwise(betas):
        fields = v @ weight + c
        log_w += (softplus(beta * fields) - softplus(before * fields)).sum(-1)
        h = _draw(torch.sigmoid(beta * fields), generator)
        v = _draw(torch.sigmoid(beta * (h @ weight.T) + b), generator)
    return log_w


def _draw(probability: Tensor, generator: torch.Generator) -> Tensor:
    uniform = torch.rand(probability.shape, generator=generator, device=probability.device)
    return (uniform < probability).to(probability.dtype)
