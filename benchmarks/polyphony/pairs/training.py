"""Pairs of models with equal training: an RNN-RBM, and an RNN-DBN that starts from the same one.

Both arms start from one RNN-RBM and see as many frames: one goes on as an RNN-RBM, the other gets
its second layer and is trained as a whole. `OUT/SET/SEED/STAGE/{best,last}.npz` are the
checkpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.polyphony.runs import Study, complete
from benchmarks.polyphony.systems import MOVED, SLOW, Stage
from export.corpus.rolls import RollSet
from export.training.plan import FramePlan

READINGS = 3
"""Validations within a stage."""
SMALL = 14
"""Hidden units of each layer of the models whose normalizers are enumerated."""


@dataclass(frozen=True, slots=True)
class ShortStage(Stage):
    """A stage that may be as short as one epoch."""

    def planned(self, frames: int, effort: float, minutes: float, seed: int) -> FramePlan:
        epochs = max(round(self.frames * effort / frames), 1)
        return FramePlan(
            epochs=epochs, every=-(-epochs // READINGS), patience=epochs, minutes=minutes,
            seed=seed, **self.plan,
        )  # fmt: skip


def stages(sizes: Mapping[str, int] | None = None) -> dict[str, tuple[ShortStage, ...]]:
    """Return the stages of the common beginning and of both arms; `sizes` are of their layers."""
    rbm = {k: v for k, v in (sizes or {}).items() if k != "top"}
    dbn = dict(sizes or {})
    return {
        "base": (
            ShortStage("warm", "rnn-rbm", 0.1e6, {"stage": "cross-entropy", **rbm}, SLOW),
            ShortStage("base", "rnn-rbm", 0.4e6, rbm, MOVED),
        ),
        "rnn-rbm": (ShortStage("more", "rnn-rbm", 0.3e6, rbm, SLOW),),
        "rnn-dbn": (
            ShortStage("second", "rnn-dbn", 0.15e6, {"stage": "second", **dbn}, SLOW),
            ShortStage("fine", "rnn-dbn", 0.15e6, {"stage": "fine", **dbn}, {**SLOW, "rate": 1e-3}),
        ),
    }  # fmt: skip


ENUMERATED = {"hidden": SMALL, "top": SMALL}
"""Sizes of the layers of the control."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Checkpoints of one seed on one set."""

    base: Path
    """The common RNN-RBM."""
    rbm: Path
    """The RNN-RBM after as much training as the RNN-DBN."""
    second: Path
    """The RNN-DBN whose second layer was trained by contrastive divergence."""
    dbn: Path
    """The RNN-DBN after all of its training."""


def pair(study: Study, found: RollSet, seed: int, sizes: Mapping[str, int] | None = None) -> Pair:
    """Train what is missing of a pair, and return its checkpoints."""
    folder = study.out / found.name / str(seed)
    plan = stages(sizes)
    base = _chain(study, plan["base"], folder, None, (found, seed))[-1]
    rbm = _chain(study, plan["rnn-rbm"], folder, base, (found, seed))[-1]
    second, dbn = _chain(study, plan["rnn-dbn"], folder, base, (found, seed))
    return Pair(base, rbm, second, dbn)


def author(study: Study, found: RollSet) -> Path:
    """Train an RNN-RBM as the authors' program does, and return its checkpoint.

    Plain gradient descent at a constant rate on CD-15, nothing averaged, clipped or transposed. The
    rate is four times theirs, for batches of four rows.
    """
    return complete(study, AUTHOR, (study.out / found.name / "author", None), found, 1)


AUTHOR = ShortStage(
    "author", "rnn-rbm", 0.6e6, {"spread": 1e-4},
    {"rows": 4, "length": 100, "rate": 4e-3, "optimizer": "sgd", "momentum": 0.0,
     "last_rate": 1.0, "warm_up": 0.0, "clip": 0.0, "decay": 0.0},
)  # fmt: skip


def frames_in_arms(study: Study, frames: int) -> dict[str, int]:
    """Return the training frames of each arm, its beginning included, on a set of so many."""
    plan = stages()
    count = {
        name: frames * sum(stage.planned(frames, study.effort, 0.0, 1).epochs for stage in those)
        for name, those in plan.items()
    }
    return {name: count["base"] + count[name] for name in ("rnn-rbm", "rnn-dbn")}


def _chain(
    study: Study, those: Sequence[ShortStage], folder: Path, begin: Path | None,
    what: tuple[RollSet, int],
) -> list[Path]:  # fmt: skip
    """Complete stage after stage, and return the best checkpoint of each."""
    found, seed = what
    paths = []
    for stage in those:
        begin = complete(study, stage, (folder / stage.name, begin), found, seed)
        paths.append(begin)
    return paths
