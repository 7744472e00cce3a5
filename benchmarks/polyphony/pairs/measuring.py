"""Likelihoods, frame by frame, of models that are restricted Boltzmann machines or built on one.

The test frames are chosen at random once for each set, so that all models and seeds are measured on
the same ones. Conventions: F frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.support.resume import cached
from export.corpus.rolls import Roll, RollSet
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.papers.rnn_dbn.ais import Annealing, partition
from export.papers.rnn_dbn.bound import bounds
from export.papers.rnn_dbn.estimates import frames_and_states, load_model
from export.papers.rnn_dbn.monitor import monitor, monitor_deep

SEED = 1
SAMPLES = 1000
"""Samples of the first layer for the bound of a deep model."""
WATCHED = 600
"""Frames of a split on which the training monitor is read."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Frames of one split, the same for all models."""

    rolls: Sequence[Roll]
    """The pieces that the frames are of."""
    at: NDArray[np.int64]
    """Place of each frame in these pieces, one after the other [F]."""
    piece: NDArray[np.int64]
    """Number of the piece of each frame [F]."""


def chosen(rolls: Sequence[Roll], frames: int) -> Chosen:
    """Return so many frames at random, the same at each call, and only the pieces they are of."""
    sizes = np.array([len(roll) for roll in rolls])
    rng = np.random.default_rng(SEED)
    at = np.sort(rng.choice(sizes.sum(), min(frames, int(sizes.sum())), replace=False))
    piece = np.searchsorted(np.cumsum(sizes), at, "right")
    within = at - (np.cumsum(sizes) - sizes)[piece]
    kept, place = np.unique(piece, return_inverse=True)
    begins = np.cumsum(sizes[kept]) - sizes[kept]
    return Chosen([rolls[i] for i in kept], begins[place] + within, place.astype(np.int64))


def frames_of(model: RBM, where: Chosen) -> tuple[Tensor, Tensor]:
    """Return the chosen frames [F, 88], and the states before them [F, W]."""
    v, states = frames_and_states(model, where.rolls)
    at = torch.from_numpy(where.at)
    return v[at], states[at]


@torch.no_grad()
def likelihoods(
    model: RBM, v: Tensor, states: Tensor, plan: Annealing
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Return ln P(v), or its bound for a deep model, and the deviation of the log-weights [F]."""
    model.eval()
    generator = torch.Generator().manual_seed(SEED)
    if not isinstance(model, RNNDBN):
        machines = model.machine(states)
        found = partition(machines, plan, generator)
        return -machines.free_energy(v) - found.log_z, found.deviation
    layers = model.bottom(states), model.top(states)
    found = partition(layers[1], plan, generator)
    return bounds(layers, v, found.log_z, SAMPLES, generator).tightened, found.deviation


@torch.no_grad()
def monitored(model: RBM, rolls: Sequence[Roll]) -> float:
    """Return the mean training monitor of frames of these pieces, in nats a frame."""
    model.eval()
    v, states = frames_of(model, chosen(rolls, WATCHED))
    torch.manual_seed(SEED)
    if isinstance(model, RNNDBN):
        layers = model.bottom(states), model.top(states)
        return float(monitor_deep(layers, v, model.config.steps).mean())
    return float(monitor(model.machine(states), v, model.config.steps).mean())


def measured(
    path: Path, found: RollSet, where: Chosen, plans: dict[str, Annealing], store: Path
) -> dict[str, Any]:
    """Return nats and deviations of each frame by the name of the annealing, stored in `store`."""
    request = {
        "model": path.stat().st_mtime_ns, "set": found.name, "frames": len(where.at),
        "plans": {name: [plan.betas, plan.chains] for name, plan in plans.items()},
        "samples": SAMPLES,
    }  # fmt: skip

    def compute() -> dict[str, Any]:
        model = load_model(path)
        v, states = frames_of(model, where)
        facts: dict[str, Any] = {}
        for name, plan in plans.items():
            nats, deviation = likelihoods(model, v, states, plan)
            facts[name] = {"nats": nats.tolist(), "deviation": deviation.tolist()}
        return facts

    return cached(store, request, compute)


def watched(path: Path, found: RollSet, store: Path) -> dict[str, float]:
    """Return the training monitor on the training and the test split."""
    request = {"model": path.stat().st_mtime_ns, "set": found.name, "frames": WATCHED}

    def compute() -> dict[str, Any]:
        model = load_model(path)
        return {name: monitored(model, found.split(name)) for name in ("train", "test")}

    return cached(store, request, compute)
