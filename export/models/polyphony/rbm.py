"""RBM: every frame from the same distribution, whatever came before (paper 000, section 2.1).

    L = F(v) - F(v_k),  v_k after k Gibbs steps from v      (CD-k, see `boltzmann`)

It is also the base of the temporal models. They differ in two things: how a state follows from the
state before and a frame (`hear`, `advance`), and which biases it gives the next frame (`machine`).
The paper initializes the others with an RBM that is trained on frames in any order
(`--begin-with`). Conventions: T frames, B rows, N masked-in frames, X width of `hear`, W state
width, 88 keys; float32.
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
"""Gibbs steps of a sampled frame, as in the authors' code."""
WATCH = Annealing(betas=100, chains=2)
"""Annealing for early stopping: it ranks two epochs; a published figure needs more."""
RAREST = 1e-4
"""Assumed share of frames of a key that never sounds."""


@dataclass(frozen=True)
class RBMConfig(FrameConfig):
    """Size and objective of an RBM."""

    hidden: int = 150
    steps: int = 15
    """k of CD-k."""
    dropout: float = 0.0
    """Dropout rate of the state, from which each frame's biases are computed."""


class RBM(FrameModel):
    """A restricted Boltzmann machine of 88 keys and `hidden` units; its state is empty."""

    Config = RBMConfig
    config: RBMConfig

    def __init__(self, config: RBMConfig, width: int = 0) -> None:
        super().__init__(config, width)
        self.weight = small(KEYS, config.hidden, scale=0.01)
        self.visible = nn.Parameter(torch.zeros(KEYS))
        self.bias = nn.Parameter(torch.zeros(config.hidden))

    @torch.no_grad()
    def set_marginals(self, share: Tensor) -> None:
        """Initialize with independent keys: the log-odds of each."""
        self.visible.copy_(log_odds(share))

    def completed(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.state_dict() | weights

    def hear(self, v: Tensor) -> Tensor:
        """Return the input [..., X] of the states after frames v [..., 88]."""
        return v[..., :0]

    def advance(self, drive: Tensor, state: Tensor) -> Tensor:
        """Return the state [B, W] after a frame, from `drive` = hear(v) [B, X] and `state`."""
        del drive
        return state

    def machine(self, states: Tensor) -> Boltzmann:
        """Return the machines of the frames that follow these states [N, W]."""
        n = len(states)
        return Boltzmann(self.weight, self.visible.expand(n, -1), self.bias.expand(n, -1))

    def unroll(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the state before each frame [T, B, W], and after each row's last frame [B, W]."""
        states = [state]
        for drive in self.hear(v):  # [B, X]
            states.append(self.advance(drive, states[-1]))
        past = torch.stack(states)  # [T + 1, B, W]
        return past[:-1], last_of_each_row(past[1:], mask, state)

    def loss(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        past, after = self.unroll(v, mask, state)
        return self.objective(
            v[mask], dropout(past[mask], self.config.dropout, self.training)
        ), after

    def objective(self, v: Tensor, states: Tensor) -> Tensor:
        """Return F(data) - F(CD-k sample) [] of frames v [N, 88] that follow `states` [N, W]."""
        return self.machine(states).contrast(v, self.config.steps)

    @torch.no_grad()
    def monitor(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        past, after = self.unroll(v, mask, state)  # [T, B, W], [B, W]
        nats = v.new_zeros(mask.shape)  # [T, B]
        nats[mask] = self.watched(v[mask], past[mask])
        return nats, after

    def watched(self, v: Tensor, states: Tensor) -> Tensor:
        """Return ln P(v) = -F(v) - ln Z [N], ln Z by a short annealing with a fixed seed."""
        machines = self.machine(states)
        generator = torch.Generator(v.device).manual_seed(0)
        return -machines.free_energy(v) - partition(machines, WATCH, generator).log_z

    @property
    def noise(self) -> int:
        """Uniform numbers of a sampled frame."""
        return SWEEPS * (KEYS + self.config.hidden)

    def sample(self, state: Tensor, noise: Tensor) -> Tensor:
        """Return a frame [B, 88] after `state` [B, W], by 25 Gibbs steps from silence.

        `noise` [B, self.noise] is uniform.
        """
        machine, v = self.machine(state), state.new_zeros(len(state), KEYS)
        for sweep in noise.chunk(SWEEPS, dim=1):
            above, below = sweep.split([self.config.hidden, KEYS], dim=1)
            h = (above < machine.up(v)).to(v.dtype)  # [B, hidden]
            v = (below < machine.down(h)).to(v.dtype)  # [B, 88]
        return v


def small(*shape: int, scale: float) -> nn.Parameter:
    """Return weights from N(0, scale^2)."""
    return nn.Parameter(torch.randn(shape) * scale)


def log_odds(share: Tensor) -> Tensor:
    """Return ln(p / (1 - p)) of keys that sound in these shares p of the frames."""
    return torch.logit(share, RAREST)
