"""RBM: every frame from the same distribution, whatever sounded before (paper 000, section 2.1).

It is also the base of the temporal ones. They differ in two things: how a state follows from the
state before and a frame (`hear`, `advance`), and what biases it gives the next frame (`machine`).
Trained on frames in any order it is what the paper begins the others from (`--begin-with`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.frame_model import KEYS, FrameConfig, FrameModel, last_of_each_row
from export.papers.rnn_dbn.ais import Annealing, partition

SWEEPS = 25
"""Gibbs steps a sampled frame, as in the authors' code."""
WATCH = Annealing(betas=100, chains=2)
"""Enough to see which of two epochs is better; a published figure needs more."""
RAREST = 1e-4
"""Share of frames in which a key that never sounds is taken to sound."""


@dataclass(frozen=True)
class RBMConfig(FrameConfig):
    """Size and objective."""

    hidden: int = 150
    steps: int = 15
    """k of CD-k."""
    dropout: float = 0.0
    """Share of the state that each frame's biases are trained without."""


class RBM(FrameModel):
    """One restricted Boltzmann machine of 88 keys and `hidden` units; its state is empty."""

    Config = RBMConfig
    config: RBMConfig

    def __init__(self, config: RBMConfig, width: int = 0) -> None:
        super().__init__(config, width)
        self.weight = small(KEYS, config.hidden, scale=0.01)
        self.visible = nn.Parameter(torch.zeros(KEYS))
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    @torch.no_grad()
    def set_marginals(self, share: Tensor) -> None:
        """Begin with independent keys: the log-odds of each."""
        self.visible.copy_(log_odds(share))

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.state_dict() | weights

    def hear(self, v: Tensor) -> Tensor:
        """What frames v [..., 88] bring to the states after them [..., X]."""
        return v[..., :0]

    def advance(self, heard: Tensor, state: Tensor) -> Tensor:
        """State [B, W] after a frame of which this [B, X] was heard."""
        del heard
        return state

    def machine(self, states: Tensor) -> Boltzmann:
        """The machines of the frames that follow these states [N, W]."""
        n = len(states)
        return Boltzmann(self.weight, self.visible.expand(n, -1), self.bias.expand(n, -1))

    def unroll(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """State before each frame [T, B, W], and after the last masked one of each row [B, W]."""
        states = [state]
        for heard in self.hear(v):
            states.append(self.advance(heard, states[-1]))
        past = torch.stack(states)
        return past[:-1], last_of_each_row(past[1:], mask, state)

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        past, after = self.unroll(v, mask, state)
        return self.objective(
            v[mask], dropout(past[mask], self.config.dropout, self.training)
        ), after

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        """F(data) - F(CD-k sample) of frames v [N, 88] that follow these states [N, W]."""
        return self.machine(states).contrast(v, self.config.steps)

    @torch.no_grad()
    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        past, after = self.unroll(v, mask, state)
        nats = v.new_zeros(mask.shape)
        nats[mask] = self.watched(v[mask], past[mask])
        return nats, after

    def watched(self, v: Tensor, states: Tensor) -> Tensor:
        """Log-likelihood [N] by a short annealing, always with the same random numbers."""
        machines = self.machine(states)
        generator = torch.Generator(v.device).manual_seed(0)
        return -machines.free_energy(v) - partition(machines, WATCH, generator).log_z

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


def small(*shape: int, scale: float) -> nn.Parameter:
    """Weights from N(0, scale^2)."""
    return nn.Parameter(torch.randn(shape) * scale)


def log_odds(share: Tensor) -> Tensor:
    """Log-odds of keys that sound in these shares of the frames."""
    return torch.logit(share, RAREST)
