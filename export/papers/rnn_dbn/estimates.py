"""Estimate likelihoods of RBM-based models: `python -m export.papers.rnn_dbn.estimates x.npz …`.

The result is in nats per frame of a split. If a frame is an RBM's, ln P(v) = -F(v) - ln Z with ln Z
by AIS (`ais`); for the RNN-DBN it is a lower bound with the top RBM's ln Z by AIS (`bound`). The
pseudo-likelihood of the paper's program (`monitor`) is reported too. Frames can be subsampled: ln Z
costs `betas` x `chains` Gibbs steps each. Conventions: N frames, W state width; float32.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from export.command_line import print_lines, run
from export.corpus.rolls import Roll, load_rolls
from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.papers.rnn_dbn.ais import Annealing, Partition, partition
from export.papers.rnn_dbn.bound import bounds
from export.papers.rnn_dbn.monitor import monitor, monitor_deep
from export.rolls.evaluate import parser_of
from export.training import checkpoint
from export.training.kinds import FRAMES
from stream.errors import SettingsError

CHUNK = 1024
"""Frames measured at once; bounds the memory."""
SHARED = 64
"""Factor of the chains for a ln Z common to all frames, as its error does not average out."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Means over the frames measured, nats per frame."""

    measure: str
    """Name of the measure: `log_likelihood_ais` or `log_likelihood_bound`."""
    nats: float
    deviation: float
    """Mean standard deviation of a frame's log-weights in the annealing."""
    spread: float
    """Standard error of `nats` from the choice of frames; 0 when all were measured."""
    monitor: float
    """Pseudo log-likelihood of `monitor`."""
    frames: int
    variational: float | None = None
    """Variational bound of an RNN-DBN, before it is tightened."""
    effective: float | None = None
    """Effective number of samples of the tightened bound of an RNN-DBN."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Effort of the estimates beside the annealing."""

    frames: int = 0
    """Number of frames, chosen at random; 0 for all."""
    samples: int = 100
    """K of the tightened bound."""
    seed: int = 0


WHOLE = Budget()


@torch.no_grad()
def frames_and_states(model: RBM, rolls: Sequence[Roll], column: int = 0) -> tuple[Tensor, Tensor]:
    """Return all frames of the rolls [N, 88] and the states before them [N, W], in order."""
    found = []
    tags = torch.zeros(1, max(len(model.config.sets), 1))
    tags[0, column] = 1
    for roll in rolls:
        v = torch.as_tensor(roll, dtype=torch.float32)[:, None]  # [T, 1, 88]
        mask = torch.ones(v.shape[:2], dtype=torch.bool)  # [T, 1]
        found.append((v[:, 0], model.unroll(v, mask, model.begin(tags))[0][:, 0]))
    return torch.cat([v for v, _ in found]), torch.cat([states for _, states in found])


@torch.no_grad()
def estimate(
    model: RBM, rolls: Sequence[Roll], plan: Annealing, budget: Budget = WHOLE, column: int = 0
) -> Estimates:
    """Estimate the likelihood of the rolls, pieces of the set of this column."""
    model.eval()
    torch.manual_seed(budget.seed)
    generator = torch.Generator().manual_seed(budget.seed)
    v, states = frames_and_states(model, rolls, column)
    whole = len(v)
    if 0 < budget.frames < whole:
        chosen = torch.randperm(whole, generator=generator)[: budget.frames]
        v, states = v[chosen], states[chosen]
    parts: dict[str, list[Tensor]] = {}
    for i in range(0, len(v), CHUNK):
        rows = slice(i, i + CHUNK)
        for name, found in _measured(
            model, v[rows], states[rows], (plan, budget.samples), generator
        ).items():
            parts.setdefault(name, []).append(found)
    nats = torch.cat(parts["nats"])
    means = {name: float(torch.cat(found).mean()) for name, found in parts.items()}
    spread = float(nats.std()) / math.sqrt(len(v)) if len(v) < whole else 0.0
    measure = "log_likelihood_bound" if isinstance(model, RNNDBN) else "log_likelihood_ais"
    return Estimates(measure=measure, spread=spread, frames=len(v), **means)


def _measured(
    model: RBM, v: Tensor, states: Tensor, effort: tuple[Annealing, int], generator: torch.Generator
) -> dict[str, Tensor]:
    """Return the fields of `Estimates` for each of the frames v [N, 88] after states [N, W]."""
    plan, samples = effort
    if not isinstance(model, RNNDBN):
        machines = model.machine(states)
        found = _partition(machines, plan, generator, shared=model.width == 0)
        return {
            "nats": -machines.free_energy(v) - found.log_z,
            "deviation": found.deviation,
            "monitor": monitor(machines, v, model.config.steps),
        }
    layers = model.bottom(states), model.top(states)
    found = partition(layers[1], plan, generator)
    bound = bounds(layers, v, found.log_z, samples, generator)
    return {
        "nats": bound.tightened,
        "deviation": found.deviation,
        "monitor": monitor_deep(layers, v, model.config.steps),
        "variational": bound.variational,
        "effective": bound.effective,
    }


def _partition(
    machines: Boltzmann, plan: Annealing, generator: torch.Generator, *, shared: bool
) -> Partition:
    """Return the machines' ln Z; if all are the same machine, from more chains."""
    if not shared:
        return partition(machines, plan, generator)
    together = Annealing(plan.betas, plan.chains * SHARED)
    found = partition(machines[:1], together, generator)
    frames = len(machines.visible)
    return Partition(found.log_z.expand(frames), found.deviation.expand(frames))


def load_model(path: Path) -> RBM:
    """Load the model of a checkpoint; `SettingsError` for one that is not an RBM."""
    trained, model = checkpoint.load_model(path, FRAMES)
    if not isinstance(model, RBM):
        raise SettingsError(
            f"{path}: model {trained.kind} has an exact likelihood; use export.rolls.evaluate"
        )
    return model


def main(argv: list[str] | None = None) -> int:
    """Print a line of JSON for each set; exit code 2 after an error."""
    parser = parser_of("export.papers.rnn_dbn.estimates", __doc__)
    for kind in (Annealing, Budget):
        for field in dataclasses.fields(kind):
            parser.add_argument(f"--{field.name}", type=int, default=field.default)
    args = parser.parse_args(argv)
    return run(lambda: print_lines(_lines(args)))


def _lines(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    model = load_model(args.checkpoint)
    plan = Annealing(args.betas, args.chains)
    budget = Budget(args.frames, args.samples, args.seed)
    for found in load_rolls(args.sets):
        begun = time.process_time()
        column = model.config.column(found.name)
        estimates = estimate(model, found.split(args.split), plan, budget, column)
        line = {"set": f"{found.name}/{args.split}"} | dataclasses.asdict(estimates)
        line |= dataclasses.asdict(plan) | {"seconds": round(time.process_time() - begun, 1)}
        yield line


if __name__ == "__main__":
    sys.exit(main())
