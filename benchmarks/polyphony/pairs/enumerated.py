"""Exact likelihoods of machines so small that their normalizers can be enumerated.

    ln Z = ln sum_h exp(c'h + sum_i ln(1 + exp(b_i + (W h)_i)))        over all 2^H states h
    ln P(v) = ln sum_h P(v | h) exp(-F(h)) - ln Z of the top machine   for two layers

Conventions: N machines, V visible and H hidden units; float64.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor
from torch.nn.functional import softplus

from export.models.polyphony.boltzmann import Boltzmann
from export.papers.rnn_dbn.bound import log_bernoulli
from stream.errors import SettingsError

MOST = 16
"""Largest number of units whose states are enumerated."""


def states(units: int) -> Tensor:
    """Return all states of binary units, float64 [2^units, units]. `SettingsError` above `MOST`."""
    if units > MOST:
        raise SettingsError(f"{units} units have too many states; enumerate at most {MOST}")
    numbers = torch.arange(2**units)[:, None]
    return (numbers >> torch.arange(units) & 1).double()


def precise(machines: Boltzmann) -> Boltzmann:
    """Return the same machines in float64."""
    return Boltzmann(*(part.double() for part in _parts(machines)))


def _parts(machines: Boltzmann) -> tuple[Tensor, ...]:
    return tuple(getattr(machines, field.name) for field in dataclasses.fields(machines))


@torch.no_grad()
def log_z(machines: Boltzmann) -> Tensor:
    """Return ln Z of each machine [N], by all states of its hidden units."""
    exact = precise(machines)
    every = states(exact.hidden.shape[-1])  # [2^H, H]
    down = every @ exact.weight.T  # [2^H, V]
    found = [
        torch.logsumexp(every @ c + softplus(down + b).sum(-1), 0)
        for b, c in zip(exact.visible, exact.hidden, strict=True)
    ]
    return torch.stack(found)


@torch.no_grad()
def log_likelihood(machines: Boltzmann, v: Tensor) -> Tensor:
    """Return ln P(v) [N] of frames v [N, V], each under its machine."""
    return -precise(machines).free_energy(v.double()) - log_z(machines)


@torch.no_grad()
def deep_log_likelihood(layers: tuple[Boltzmann, Boltzmann], v: Tensor) -> Tensor:
    """Return ln P(v) [N] of two layers, by all states of the units between them."""
    bottom, top = map(precise, layers)
    every = states(top.visible.shape[-1])  # [2^H, H]
    down, fields = every @ bottom.weight.T, every @ top.weight
    found = []
    for i, frame in enumerate(v.double()):
        prior = every @ top.visible[i] + softplus(fields + top.hidden[i]).sum(-1)  # [2^H]
        given = log_bernoulli(frame, down + bottom.visible[i])  # [2^H]
        found.append(torch.logsumexp(prior + given, 0) - torch.logsumexp(prior, 0))
    return torch.stack(found)
