"""Restricted Boltzmann machines with common weights, each with biases of its own.

The units are binary (paper 000, equations 6 and 7):

    P(v) = exp(-F(v)) / Z,  F(v) = -b'v - sum_j ln(1 + exp(c_j + (v W)_j))
    P(h = 1 | v) = sigmoid(v W + c),  P(v = 1 | h) = sigmoid(h W' + b)

In a temporal model the biases of frame t come from the frames before it, so that each frame has a
machine, and a Z, of its own. Conventions: N machines, V visible and H hidden units; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True, slots=True)
class Boltzmann:
    """N machines of V visible and H hidden units, on one device."""

    weight: Tensor
    """W [V, H], common to all machines."""
    visible: Tensor
    """Biases b of the visible units [N, V]."""
    hidden: Tensor
    """Biases c of the hidden units [N, H]."""

    def __getitem__(self, rows: slice | Tensor) -> Boltzmann:
        """Return the machines at these rows."""
        return Boltzmann(self.weight, self.visible[rows], self.hidden[rows])

    def detach(self) -> Boltzmann:
        """Return the same machines as constants."""
        return Boltzmann(self.weight.detach(), self.visible.detach(), self.hidden.detach())

    def free_energy(self, v: Tensor) -> Tensor:
        """Return F(v) [..., N] for v [..., N, V]."""
        fields = v @ self.weight + self.hidden  # [..., N, H]
        return -(v * self.visible).sum(-1) - softplus(fields).sum(-1)

    def up(self, v: Tensor) -> Tensor:
        """Return P(h = 1 | v) [..., N, H] for v [..., N, V]."""
        return torch.sigmoid(v @ self.weight + self.hidden)

    def down(self, h: Tensor) -> Tensor:
        """Return P(v = 1 | h) [..., N, V] for h [..., N, H]."""
        return torch.sigmoid(h @ self.weight.T + self.visible)

    @torch.no_grad()
    def chain(self, v: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Take `steps` >= 1 Gibbs steps from v; return P(v = 1 | last h) and a sample of it.

        All are [..., N, V]. A step draws h ~ P(h | v), then v ~ P(v | h) (paper 000, equation 5).
        """
        for _ in range(steps):
            mean = self.down(draw(self.up(v)))  # [..., N, V]
            v = draw(mean)
        return mean, v

    def contrast(self, v: Tensor, steps: int) -> Tensor:
        """Return F(data) - F(sample) [], summed over the machines, whose gradient is CD-k's.

        d/dw (F(v_0) - F(v_k)), v_k after k Gibbs steps from the data v_0 [N, V] and held constant
        (Hinton 2002). Data between 0 and 1 are taken as probabilities (mean
        activations of a layer below).
        """
        _, sample = self.detach().chain(v.detach(), steps)  # [N, V]
        return (self.free_energy(v) - self.free_energy(sample)).sum()


def draw(probability: Tensor) -> Tensor:
    """Return binary units (0.0 or 1.0) with these probabilities, from torch's generator."""
    # Three times as fast as torch.bernoulli.
    return (torch.rand_like(probability) < probability).to(probability.dtype)
