"""Each system is trained from a seed and measured once; stored results are used again.

`OUT/SYSTEM-SEED.npz` holds a net with its learning curve, `OUT/SYSTEM-SEED.json` its figures.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from benchmarks.melody.counted import counted
from benchmarks.melody.parts import Figures, Part
from benchmarks.melody.systems import HARMONY, System
from benchmarks.support.resume import Facts, cached
from export.papers.melody_lstm import tune_measures, tune_train, window_model
from export.papers.melody_lstm.kinds import NETS
from export.papers.melody_lstm.measures import free_run_match, one_step
from export.papers.melody_lstm.tune_model import TuneConfig
from export.papers.melody_lstm.tune_train import TunePlan
from export.papers.melody_lstm.window_model import WindowPlan
from export.training import checkpoint
from export.training.checkpoint import Checkpoint

HARMONIZED = 100
"""Number of tunes whose chords the net itself chooses."""


@dataclass(frozen=True, slots=True)
class Study:
    """The data and sizes of the comparison."""

    out: Path
    train: Part
    test: Part
    """The held-out part: `test`, or `valid` while choices are made."""
    form: str
    epochs: Mapping[str, int]
    """Epochs of training by kind of system."""

    @property
    def parts(self) -> tuple[Part, Part]:
        return self.train, self.test


def measured(study: Study, system: System, seed: int) -> Facts:
    """Return `figures` by measure and split, `curve`, `seconds` and `parameters` of one model."""
    plan = plan_of(study, system, seed)
    request = {
        "plan": None if plan is None else dataclasses.asdict(plan),
        "tunes": [[part.name, len(part.leads), sum(map(len, part.leads))] for part in study.parts],
    }
    path = study.out / f"{system.name}-{seed}.json"

    def compute() -> Facts:
        if plan is None:
            return {"figures": counted(system, study.parts, seed)}
        net = trained(study, plan, path.with_suffix(".npz"))
        measure = _window_figures if isinstance(plan, WindowPlan) else _tune_figures
        return {
            "figures": measure(study, net), **net.progress,
            "parameters": sum(weight.numel() for weight in net.weights.values()),
        }  # fmt: skip

    return cached(path, request, compute)


def plan_of(study: Study, system: System, seed: int) -> WindowPlan | TunePlan | None:
    """Return the training plan of a system, or None if it is only counted."""
    if system.kind not in study.epochs:
        return None
    epochs = study.epochs[system.kind]
    if system.kind == "window":
        return WindowPlan(form=study.form, epochs=epochs, seed=seed, **system.plan)
    return TunePlan(config=TuneConfig(**system.plan), epochs=epochs, seed=seed)


def trained(study: Study, plan: WindowPlan | TunePlan, path: Path) -> Checkpoint:
    """Return the net of this plan; train it if it is not stored."""
    facts = dataclasses.asdict(plan)
    if path.exists() and (found := checkpoint.load(path, NETS)).plan == facts:
        return found
    begun, curve = time.process_time(), []

    def after(epoch: int, nats: float) -> None:
        curve.append(nats)
        print(f"{path.stem}: epoch {epoch}, {nats:.3f} nats", file=sys.stderr)

    config: WindowPlan | TuneConfig
    net: nn.Module
    if isinstance(plan, WindowPlan):
        kind, config, net = "window", plan, window_model.train(plan, study.train.rows, after)
    else:
        kind, config = "tune", plan.config
        net = tune_train.train(plan, study.train.scores, after)
    progress = {"curve": curve, "seconds": time.process_time() - begun}
    found = Checkpoint(kind, config, net.state_dict(), progress=progress, plan=facts)
    checkpoint.save(path, found)
    return found


def _model(net: Checkpoint) -> Any:
    model = NETS[net.kind].build(net.config)
    model.load_state_dict(net.weights)
    return model.eval()


def _window_figures(study: Study, net: Checkpoint) -> Figures:
    model = _model(net)
    found: Figures = {}
    for part in study.parts:
        found |= part.predictions(one_step(model.distributions, *part.windows))
        found |= part.free_runs(
            lambda rng, starts=part.starts: free_run_match(model.distributions, starts, rng)
        )
    return found


def _tune_figures(study: Study, net: Checkpoint) -> Figures:
    model = _model(net)
    found: Figures = {}
    for part in study.parts:
        melody, chord = tune_measures.measured(model, part.scores)
        found |= part.predictions(melody) | part.predictions(chord, "chord_")
        begun = part.starts, part.meters
        found |= part.free_runs(
            lambda rng, begun=begun: tune_measures.free_run_match(model, *begun, rng)
        )
    drawn = study.test.scores[:HARMONIZED]
    found[f"{HARMONY}/{study.test.name}"] = tune_measures.harmony_match(model, drawn)
    return found
