"""Sound from levels: partials are sines at fixed pitches, noise is sines at random ones.

A sine at sample 16 i + j is made of its values at 16 i and at j, by the addition theorem: a block
of L samples costs L / 16 + 16 cosines a sine, and one small matrix product, not L.
Conventions: T frames, K partials, N noise sines, F levels, L = 2 hop samples of a block.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from export.wave.partials import POWER, Grid

FINE = 16
HANN_POWER = 0.75
"""Mean power of overlapping blocks of unrelated noise that Hann windows fade."""


class Oscillators(nn.Module):
    """Windowed blocks to be overlapped by half and added."""

    cycles: Tensor
    edges: Tensor
    widths: Tensor
    fade: Tensor
    spread: Tensor

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid
        edges = grid.edges / grid.rate
        made = {
            "cycles": grid.pitches / grid.rate,
            "edges": np.repeat(edges[:-1], grid.each),
            "widths": np.repeat(np.diff(edges), grid.each),
            "fade": np.hanning(2 * grid.hop + 1)[:-1],
            # Amplitudes of the sines of a band from that of the band.
            "spread": np.repeat(np.eye(grid.bands), grid.each, axis=1)
            * math.sqrt(2 / (grid.each * HANN_POWER)),
        }
        for name, values in made.items():
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))

    @property
    def noise(self) -> int:
        """Uniform numbers that a frame takes: pitch and phase of each of the N noise sines."""
        return 2 * len(self.edges)

    def turned(self, phases: Tensor) -> Tensor:
        """Phases [T, K] (cycles) of the partials one hop later."""
        return torch.fmod(phases + self.cycles * self.grid.hop, 1.0)

    def forward(self, levels: Tensor, phases: Tensor, noise: Tensor) -> Tensor:
        """Blocks [T, L] of `levels` [T, F], partials' `phases` [T, K] and `noise` [T, 2 N]."""
        k, n = self.grid.partials, len(self.edges)
        strengths = levels**POWER
        bands = strengths[:, k:] @ self.spread
        pitches = self.edges + noise[:, :n] * self.widths
        cycles = torch.cat([self.cycles + torch.zeros_like(phases), pitches], dim=-1)
        starts = torch.cat([phases, noise[:, n:]], dim=-1)
        return self.fade * self._sum(torch.cat([strengths[:, :k], bands], dim=-1), cycles, starts)

    def _sum(self, strengths: Tensor, cycles: Tensor, starts: Tensor) -> Tensor:
        """Samples [T, L] of sines of `strengths`, `cycles` a sample and `starts` [T, K + N]."""
        length = 2 * self.grid.hop
        coarse = torch.arange(0, length, FINE, dtype=torch.float32)
        fine = torch.arange(FINE, dtype=torch.float32)
        outer = 2 * math.pi * (starts[:, None] + cycles[:, None] * coarse[:, None])
        inner = 2 * math.pi * cycles[:, :, None] * fine
        along, across = strengths[:, None] * outer.cos(), strengths[:, None] * outer.sin()
        return (along @ inner.cos() - across @ inner.sin()).reshape(-1, length)


def rendered(levels: Tensor, grid: Grid, seed: int) -> Tensor:
    """Samples [T hop] of levels [T, F], the first where frame 0 is centred.

    The same seed gives the same noise.
    """
    made = Oscillators(grid)
    generator = torch.Generator().manual_seed(seed)
    out = torch.zeros(grid.hop * (len(levels) + 1))
    start = torch.arange(-1, len(levels) - 1, dtype=torch.float64)[:, None] * grid.hop
    turns = torch.remainder(start * torch.from_numpy(grid.pitches / grid.rate), 1.0).float()
    for t, (frames, phases) in enumerate(zip(levels.split(1), turns.split(1), strict=True)):
        noise = torch.rand(1, made.noise, generator=generator)
        out[t * grid.hop : (t + 2) * grid.hop] += made(frames, phases, noise)[0]
    return out[grid.hop :]
