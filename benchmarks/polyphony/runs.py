"""Each system is trained on a set from a seed and measured once; stored results are used again.

`OUT/SET/SYSTEM-SEED/STAGE/{best,last}.npz` are the checkpoints, `OUT/SET/SYSTEM-SEED.json` holds
the figures. An interrupted run resumes after its last epoch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from benchmarks.polyphony.systems import RAW, SEED, SYSTEMS, Stage, System
from benchmarks.support.resume import cached
from export.corpus.rolls import Roll, RollSet
from export.models.polyphony.family import FAMILIES
from export.models.polyphony.frame_model import Exact, FrameModel
from export.models.polyphony.note_ngram import fit
from export.models.polyphony.rbm import RBM
from export.papers.rnn_dbn.ais import Annealing
from export.papers.rnn_dbn.estimates import Budget, estimate
from export.rolls.batches import transposed
from export.rolls.evaluate import nats_per_frame, share_of_keys
from export.rolls.train import RollTask
from export.training import checkpoint
from export.training.kinds import FRAMES
from export.training.trainer import Trainer
from stream.errors import SettingsError

ENOUGH = 6000
"""Validation frames for the estimators: all frames would cost more than the training."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one model on one test split."""

    measure: str
    """`log_likelihood_exact`, `log_likelihood_ais` or `log_likelihood_bound`."""
    nats: float
    """Nats per frame."""
    frames: int
    """Frames of the split that were measured."""
    parameters: int
    valid: float | None = None
    """Figure of the best epoch on the validation split."""
    monitor: float | None = None
    """`pseudo_log_likelihood_monitor`; models with an exact likelihood have none."""
    deviation: float | None = None
    """Mean standard deviation of a frame's log-weights in the annealing."""
    seconds: float = 0.0
    """Wall-clock time of training."""


@dataclass(frozen=True, slots=True)
class Study:
    """The options of the comparison."""

    out: Path
    seeds: int = 3
    effort: float = 1.0
    """Factor on the length of all plans."""
    minutes: float = 0.0
    """Longest training of one model in wall-clock time; 0 for no limit."""
    annealing: Annealing = field(default_factory=Annealing)
    budget: Budget = field(default_factory=Budget)
    trained: Mapping[tuple[str, str], Sequence[Path]] = field(default_factory=dict)
    """Checkpoints of models trained elsewhere by system and set, one for each seed."""

    def count(self, system: System, name: str) -> int:
        """Return the number of models of this system on the set of this name."""
        given = self.trained.get((system.name, name), ())
        return len(given) or (self.seeds if system.seeded else 1)

    def folder(self, system: str, name: str, seed: int) -> Path:
        """Return the folder of one model."""
        return self.out / name / f"{system}-{seed}"


def moved(found: RollSet) -> RollSet:
    """Return the set with every piece in a key chosen at random, the same at each call."""
    rng = np.random.default_rng(SEED)

    def anywhere(rolls: Sequence[Roll]) -> tuple[Roll, ...]:
        moves = rng.integers(-5, 7, len(rolls))
        return tuple(transposed(r, int(m)) for r, m in zip(rolls, moves, strict=True))

    return RollSet(found.name + RAW, *map(anywhere, (found.train, found.valid, found.test)))


def measured(study: Study, system: System, found: RollSet, seed: int) -> Measured:
    """Return the figures of a model; train and measure it if they are not stored."""
    best = trained(study, system, found, seed)
    request = {
        "model": best.stat().st_mtime_ns, "annealing": dataclasses.asdict(study.annealing),
        "budget": dataclasses.asdict(study.budget),
    }  # fmt: skip
    path = study.folder(system.name, found.name, seed).with_suffix(".json")
    facts = cached(path, request, lambda: dataclasses.asdict(_measure(study, best, found)))
    return Measured(**facts)


def trained(study: Study, system: System, found: RollSet, seed: int) -> Path:
    """Return the checkpoint of this model; train it if it is missing."""
    given = study.trained.get((system.name, found.name), ())
    if given:
        return given[seed - 1]
    folder = study.folder(system.name, found.name, seed)
    folder.mkdir(parents=True, exist_ok=True)
    if not system.stages:
        return _counted(folder / "best.npz", found)
    begin = _beginning(study, system, found.name, seed)
    whole, candidates = sum(stage.frames for stage in system.stages), []
    for stage in system.stages:
        share = stage.frames / whole
        minutes = dataclasses.replace(study, minutes=study.minutes * share)
        begin = complete(minutes, stage, (folder / stage.name, begin), found, seed)
        if stage.family == system.stages[-1].family:
            candidates.append(begin)
    return max(candidates, key=lambda path: float(checkpoint.load(path).progress["best"]))


def declared(study: Study, system: System, found: RollSet) -> int:
    """Return the training frames in all plans of a model, its starting model included."""
    frames = sum(map(len, found.train))
    given = study.trained.get((system.name, found.name), ())
    if given:
        return frames * int(checkpoint.load(given[0]).plan["epochs"])
    plans = [stage.planned(frames, study.effort, 0.0, 1) for stage in system.stages]
    before = declared(study, SYSTEMS[system.begins], found) if system.begins else 0
    return before + frames * (sum(plan.epochs for plan in plans) or 1)


def _beginning(study: Study, system: System, name: str, seed: int) -> Path | None:
    """Return the checkpoint that the first stage starts from: the best of another system."""
    if not system.begins:
        return None
    folder = study.folder(system.begins, name, seed)
    runs = sorted(folder.glob("*/best.npz"))
    if not runs:
        raise SettingsError(
            f"--systems {system.name}: begins with {system.begins}, which is not in {folder}; "
            f"add {system.begins} to --systems"
        )
    return max(runs, key=lambda path: float(checkpoint.load(path).progress["best"]))


def complete(
    study: Study, stage: Stage, places: tuple[Path, Path | None], found: RollSet, seed: int
) -> Path:
    """Train one run to the end of its plan, and return its best checkpoint."""
    out, begin = places
    frames = sum(map(len, found.train))
    plan = stage.planned(frames, study.effort, study.minutes, seed)
    config = stage.configuration(found.name)
    exact = issubclass(FAMILIES[stage.family], Exact)
    watched = found if exact else dataclasses.replace(found, valid=some(found.valid))
    task = RollTask(stage.family, config, plan, [watched])
    trainer = Trainer(task, plan, out, [found.name])
    if (out / "last.npz").exists():
        trainer.resume()
    elif begin is not None:
        weights = checkpoint.load_model(begin, FRAMES)[1].state_dict()
        trainer.begin_with(task.model.completed(weights))
    else:
        task.model.set_marginals(share_of_keys([found]))
        trainer.averaged.load_state_dict(task.model.state_dict())
    out.mkdir(parents=True, exist_ok=True)
    with (out / "epochs.jsonl").open("a", encoding="utf-8") as log, contextlib.redirect_stdout(log):
        trainer.fit()
    return out / "best.npz"


def some(rolls: Sequence[Roll]) -> tuple[Roll, ...]:
    """Return pieces chosen at random, the same at each call, with at least `ENOUGH` frames."""
    pieces, frames = [], 0
    for i in np.random.default_rng(SEED).permutation(len(rolls)):
        if frames < ENOUGH:
            pieces.append(rolls[i])
            frames += len(rolls[i])
    return tuple(pieces)


def _counted(path: Path, found: RollSet) -> Path:
    """Return the note n-gram's checkpoint."""
    if not path.exists():
        begun = time.monotonic()
        model, nats = fit(found.train, found.valid, (found.name,))
        progress = {"epochs": 1, "best": nats, "seconds": time.monotonic() - begun}
        state = checkpoint.Checkpoint("note-ngram", model.config, model.state_dict(), {}, progress)
        checkpoint.save(path, state)
    return path


def _measure(study: Study, path: Path, found: RollSet) -> Measured:
    trained, model = checkpoint.load_model(path, FRAMES)
    shared = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "valid": trained.progress.get("best"),
        "seconds": round(trained.progress.get("seconds", 0.0), 1),
    }  # fmt: skip
    column = model.config.column(found.name)
    if isinstance(model, Exact):
        frames = sum(map(len, found.test))
        nats = nats_per_frame(model, found.test, model.log_likelihood, column)
        return Measured("log_likelihood_exact", nats, frames, **shared)
    return _estimated(study, model, found, column, shared)


def _estimated(
    study: Study, model: FrameModel, found: RollSet, column: int, shared: dict[str, float]
) -> Measured:
    if not isinstance(model, RBM):
        raise SettingsError(f"{type(model).__name__}: no estimator for this model")
    with torch.random.fork_rng():
        result = estimate(model, found.test, study.annealing, study.budget, column)
    return Measured(
        result.measure, result.nats, result.frames, monitor=result.monitor,
        deviation=result.deviation, **shared,
    )  # fmt: skip
