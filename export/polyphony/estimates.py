"""Likelihoods of RBM-based models: `python -m export.polyphony.estimates CHECKPOINT.npz --set jsb=PATH`.

Nats per frame on a split, by what the model allows: ln Z by AIS where a frame is one RBM's, for the
RNN-DBN a lower bound with the top RBM's ln Z by AIS; beside it the pseudo-likelihood that the
papers' authors watched. Frames can be subsampled: ln Z costs `betas` x `chains` Gibbs steps each.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from export import checkpoint
from export.corpus.rolls import SPLITS, Roll, load_rolls
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.polyphony.ais import Annealing, partition
from export.polyphony.bound import bounds
from export.polyphony.monitor import monitor
from stream.errors import SettingsError, StreamError

SAMPLES = 100
CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Estimates:
    """Means over the frames measured, nats per frame."""

    measure: str
    """`log_likelihood_ais` or `log_likelihood_bound`."""
    nats: float
    deviation: float
    """Mean standard deviation of a frame's log-weights in the annealing."""
    spread: float
    """Standard error of `nats` from the choice of frames; 0 when all were measured."""
    monitor: float
    """`pseudo_log_likelihood_monitor`"""
    variational: float | None
    """RNN-DBN: the bound before it is tightened."""
    effective: float | None
    """RNN-DBN: samples the tightened bound rests on."""
    frames: int


@torch.no_grad()
def frames_and_states(model: RBM, rolls: Sequence[Roll], column: int = 0) -> tuple[Tensor, Tensor]:
    """All frames of the rolls [N, 88] and the states before them [N, W], piece by piece."""
    found = []
    tags = torch.nn.functional.one_hot(
        torch.tensor([column]), max(len(model.config.sets), 1)
    ).float()
    for roll in rolls:
        v = torch.as_tensor(roll, dtype=torch.float32)[:, None]
        mask = torch.ones(v.shape[:2], dtype=torch.bool)
        found.append((v[:, 0], model.unroll(v, mask, model.begin(tags))[0][:, 0]))
    return torch.cat([v for v, _ in found]), torch.cat([states for _, states in found])


@torch.no_grad()
def estimate(
    model: RBM,
    rolls: Sequence[Roll],
    plan: Annealing,
    *,
    frames: int = 0,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Estimates:
    """Measure `frames` random frames of the rolls, 0: all. `SettingsError` for none to measure."""
    model.eval()
    v, states = frames_and_states(model, rolls)
    generator = torch.Generator().manual_seed(seed)
    if 0 < frames < len(v):
        chosen = torch.randperm(len(v), generator=generator)[:frames]
        v, states = v[chosen], states[chosen]
    else:
        frames = len(v)
    torch.manual_seed(seed)
    parts = [
        _measure(model, v[i : i + CHUNK], states[i : i + CHUNK], plan, samples, generator)
        for i in range(0, frames, CHUNK)
    ]
    nats, deviation, watched, variational, effective = (torch.cat(p) for p in zip(*parts, strict=True))
    deep = isinstance(model, RNNDBN)
    partial = frames < sum(map(len, rolls))
    return Estimates(
        "log_likelihood_bound" if deep else "log_likelihood_ais",
        float(nats.mean()), float(deviation.mean()),
        float(nats.std()) / math.sqrt(frames) if partial else 0.0,
        float(watched.mean()),
        float(variational.mean()) if deep else None,
        float(effective.mean()) if deep else None,
        frames,
    )  # fmt: skip


Readings = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Nats, deviation, monitor, variational bound and effective samples of some frames, [N] each."""


def _measure(
    model: RBM,
    v: Tensor,
    states: Tensor,
    plan: Annealing,
    samples: int,
    generator: torch.Generator,
) -> Readings:
    if isinstance(model, RNNDBN):
        layers = model.bottom(states), model.top(states)
        found = partition(layers[1], plan, generator)
        bound = bounds(layers, v, found.log_z, samples, generator)
        mean = layers[0].down(layers[1].chain(layers[0].up(v), model.config.steps)[0])
        return bound.tightened, found.deviation, pseudo(v, mean), bound.variational, bound.effective
    machines = model.machine(states)
    found = partition(machines, plan, generator)
    nats = -machines.free_energy(v) - found.log_z
    return nats, found.deviation, monitor(machines, v, model.config.steps), nats, nats
