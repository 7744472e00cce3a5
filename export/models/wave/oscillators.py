"""Sound from levels: partials are sines at fixed pitches, noise is sines at random ones.

    y[s] = fade[s] sum_k a_k cos(2 pi (phi_k + f_k s)),  s = 0 .. L - 1

with amplitude a_k = level_k^POWER, f_k cycles a sample and phase phi_k in cycles. A sine at sample
s = 16 i + j comes from its values at 16 i and at j by the addition theorem,

    cos(A + B) = cos A cos B - sin A sin B,  A = 2 pi (phi + 16 i f),  B = 2 pi j f,

so that a block costs L / 16 + 16 cosines a sine and one small matrix product, not L cosines.
Conventions: T frames, K partials, N noise sines, F levels, L = 2 hop samples of a block; float32.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from export.wave.partials import POWER, Grid

FINE = 16
HANN_POWER = 0.75
"""Mean power of overlapping blocks of independent noise under Hann windows."""


class Oscillators(nn.Module):
    """Windowed blocks that overlap by half and are added."""

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
        """Uniform numbers of a frame: pitch and phase of each of the N noise sines."""
        return 2 * len(self.edges)

    def turned(self, phases: Tensor) -> Tensor:
        """Return the phases [T, K] (cycles) of the partials one hop later."""
        return torch.fmod(phases + self.cycles * self.grid.hop, 1.0)

    def forward(self, levels: Tensor, phases: Tensor, noise: Tensor) -> Tensor:
        """Return blocks [T, L] from `levels` [T, F], `phases` [T, K] and `noise` [T, 2 N]."""
        k, n = self.grid.partials, len(self.edges)
        amplitudes = levels**POWER  # [T, F]
        bands = amplitudes[:, k:] @ self.spread  # [T, N]
        pitches = self.edges + noise[:, :n] * self.widths  # [T, N] cycles a sample
        cycles = torch.cat([self.cycles + torch.zeros_like(phases), pitches], dim=-1)  # [T, K + N]
        starts = torch.cat([phases, noise[:, n:]], dim=-1)  # [T, K + N]
        every = torch.cat([amplitudes[:, :k], bands], dim=-1)  # [T, K + N]
        return self.fade * self._sum(every, cycles, starts)  # [T, L]

    def _sum(self, amplitudes: Tensor, cycles: Tensor, starts: Tensor) -> Tensor:
        """Return samples [T, L] of sines of `amplitudes`, `cycles`, `starts` [T, K + N]."""
        length = 2 * self.grid.hop
        coarse = torch.arange(0, length, FINE, dtype=torch.float32)  # [L / 16]
        fine = torch.arange(FINE, dtype=torch.float32)  # [16]
        # A [T, L / 16, K + N] and B [T, K + N, 16] of the addition theorem.
        outer = 2 * math.pi * (starts[:, None] + cycles[:, None] * coarse[:, None])
        inner = 2 * math.pi * cycles[:, :, None] * fine
        along, across = amplitudes[:, None] * outer.cos(), amplitudes[:, None] * outer.sin()
        return (along @ inner.cos() - across @ inner.sin()).reshape(-1, length)  # [T, L]


def rendered(levels: Tensor, grid: Grid, seed: int) -> Tensor:
    """Return samples [T hop] of levels [T, F], the first at the center of frame 0.

    The same seed gives the same noise.
    """
    oscillators = Oscillators(grid)
    generator = torch.Generator().manual_seed(seed)
    out = torch.zeros(grid.hop * (len(levels) + 1))
    start = torch.arange(-1, len(levels) - 1, dtype=torch.float64)[:, None] * grid.hop  # [T, 1]
    turns = torch.remainder(start * torch.from_numpy(grid.pitches / grid.rate), 1.0).float()
    for t, (frames, phases) in enumerate(zip(levels.split(1), turns.split(1), strict=True)):
        noise = torch.rand(1, oscillators.noise, generator=generator)
        out[t * grid.hop : (t + 2) * grid.hop] += oscillators(frames, phases, noise)[0]
    return out[grid.hop :]
