"""Restricted Boltzmann machines that share their weights, each with biases of its own.

The units are binary. Free energy: F(v) = -b'v - sum_j ln(1 + exp(c_j + (v W)_j)); P(v) is
exp(-F(v)) / Z. In a temporal model the biases of frame t come from what sounded before it, so
that there is one machine, and one Z, a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus


@dataclass(frozen=True, slots=True)
class Boltzmann:
    """N machines of V visible and H hidden units. All tensors float32, on one device."""

    weight: Tensor
    """[V, H]"""
    visible: Tensor
    """[N, V]: b"""
    hidden: Tensor
    """[N, H]: c"""

    def __getitem__(self, rows: slice | Tensor) -> Boltzmann:
        """The machines at these rows."""
        return Boltzmann(self.weight, self.visible[rows], self.hidden[rows])

    def detach(self) -> Boltzmann:
        """The same machines as constants."""
        return Boltzmann(self.weight.detach(), self.visible.detach(), self.hidden.detach())

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) [..., N] for v [..., N, V]."""
        fields = v @ self.weight + self.hidden
        return -(v * self.visible).sum(-1) - softplus(fields).sum(-1)

    def up(self, v: Tensor) -> Tensor:
        """P(h = 1 | v) [..., N, H]."""
        return torch.sigmoid(v @ self.weight + self.hidden)

    def down(self, h: Tensor) -> Tensor:
        """P(v = 1 | h) [..., N, V]."""
        return torch.sigmoid(h @ self.weight.T + self.visible)

    @torch.no_grad()
    def chain(self, v: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """After `steps` >= 1 Gibbs steps from v [..., N, V]: P(v = 1 | last h) and a sample."""
        for _ in range(steps):
            mean = self.down(draw(self.up(v)))
            v = draw(mean)
        return mean, v

    def contrast(self, v: Tensor, steps: int) -> Tensor:
        """F(data) - F(sample), summed over the machines; its gradient is that of CD-k.

        The chains begin at the data v [N, V]; the sample is held constant. Data between 0 and 1
        are taken as probabilities (mean activations of a layer below).
        """
        _, sample = self.detach().chain(v.detach(), steps)
        return (self.free_energy(v) - self.free_energy(sample)).sum()


def draw(probability: Tensor) -> Tensor:
    """Binary units (0.0 or 1.0) with these probabilities, from torch's generator."""
    # Three times as fast as torch.bernoulli.
    return (torch.rand_like(probability) < probability).to(probability.dtype)
