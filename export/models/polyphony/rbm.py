"""RBM: every frame from the same distribution, whatever sounded before (paper 000, section 2.1).

It is also the base of the temporal ones. They differ in two things: how a state follows from the
state before and a frame (`hear`, `advance`), and what biases it gives the next frame (`machine`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.polyphony.boltzmann import Boltzmann

KEYS = 88
SWEEPS = 25
"""Gibbs steps a sampled frame, as in the authors' code."""


class RBM(nn.Module):
    """One restricted Boltzmann machine of 88 keys and `hidden` units; its state is empty."""

    stage = "whole"

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.randn(KEYS, config.hidden) * 0.01)
        self.visible = nn.Parameter(torch.zeros(KEYS))
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    def initial(self, rows: int) -> Tensor:
        """State before the first frame [rows, W]."""
        return self.weight.new_zeros(rows, 0)

    def hear(self, v: Tensor) -> Tensor:
        """What frames v [..., 88] bring to the states after them [..., X]."""
        return v[..., :0]

    def advance(self, heard: Tensor, state: Tensor) -> Tensor:
        """State [B, W] after a frame of which this [B, X] was heard."""
        del heard
        return state

    def machine(self, states: Tensor) -> Boltzmann:
        """The machines of the frames that follow these states [N, W]."""
        frames = len(states)
        return Boltzmann(self.weight, self.visible.expand(frames, -1), self.bias.expand(frames, -1))

    def unroll(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """State before each frame [T, B, W], and after the last masked one of each row [B, W]."""
        states = [state]
        for heard in self.hear(v):
            states.append(self.advance(heard, states[-1]))
        past = torch.stack(states)
        return past[:-1], past[mask.sum(0), torch.arange(mask.shape[1])]

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The stage's objective, summed over the masked frames, and the next state."""
        if self.stage == "shuffled":
            return self.shuffled(v[mask]), state
        past, after = self.unroll(v, mask, state)
        return self.objective(v[mask], past[mask]), after

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        """F(data) - F(CD-k sample) of frames v [N, 88] that follow these states [N, W]."""
        return self.machine(states).contrast(v, self.config.steps)

    def shuffled(self, v: Tensor) -> Tensor:
        """The same with static biases: a machine of frames in any order, to begin from."""
        return RBM.machine(self, v).contrast(v, self.config.steps)

    @property
    def noise(self) -> int:
        """Uniform numbers a sampled frame."""
        return SWEEPS * (KEYS + self.config.hidden)

    def sample(self, state: Tensor, noise: Tensor) -> Tensor:
        """A frame [B, 88] after state [B, W], by 25 Gibbs steps from silence; noise [B, N]."""
        machine, v = self.machine(state), state.new_zeros(len(state), KEYS)
        for sweep in noise.chunk(SWEEPS, dim=1):
            above, below = sweep.split([self.config.hidden, KEYS], dim=1)
            h = (above < machine.up(v)).to(v.dtype)
            v = (below < machine.down(h)).to(v.dtype)
        return v
