"""The systems of the table: the plans of their training, and published figures.

A plan counts frames, not epochs, so that one plan serves sets of all sizes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from export.models.polyphony.family import FAMILIES
from export.models.polyphony.frame_model import FrameConfig
from export.training.plan import FramePlan

SETS = {"jsb": "JSB", "nottingham": "Nottingham", "muse": "MuseData", "piano": "Piano-midi.de"}
"""Names of the sets, and their titles in the papers."""
BEST = {"jsb": "-5.19", "nottingham": "-1.61", "muse": "-4.32", "piano": "-4.89"}
"""Best published exact single models: RNN-NADE on the page of its authors (JSB); TP-LSTM-NADE and
BALSTM of Johnson (2017), which are given the beat (the other sets)."""
GOALS = {"jsb": "-4.5", "nottingham": "-1.6", "muse": "-4.3", "piano": "-5.5"}
RAW = "-raw"
"""Suffix of the name of a set whose pieces are in any key."""
SEED = 1
"""Seed of the random keys of a raw set."""
FEWEST, READINGS = 8, 4
"""Fewest epochs of a stage, and most validations within it."""
STILL = {"rows": 8, "length": 64, "rate": 0.01}
"""Options of models without a past: they know a piece only by its key, so it is not transposed."""
MOVED = {**STILL, "transpose": 5, "average": 0.98}
SLOW = {**MOVED, "rate": 4e-3}
"""Options of gated recurrences, and of the RNN-DBN's layers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A run of the trainer, which starts from the weights of the stage before."""

    name: str
    family: str
    frames: float
    """Training frames in all epochs; there are at least `FEWEST` epochs."""
    config: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, name: str) -> FrameConfig:
        """Return the model's options for training on the set of this name."""
        return FAMILIES[self.family].Config(sets=(name,), **self.config)

    def planned(self, frames: int, effort: float, minutes: float, seed: int) -> FramePlan:
        """Return the plan for a set of so many frames."""
        fewest = max(math.ceil(FEWEST * min(effort, 1.0)), 1)
        epochs = max(round(self.frames * effort / frames), fewest)
        return FramePlan(
            epochs=epochs, every=-(-epochs // READINGS), patience=epochs, minutes=minutes,
            seed=seed, **self.plan,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table."""

    name: str
    title: str
    stages: tuple[Stage, ...] = ()
    """Stages of training; empty for a model that is counted."""
    begins: str = ""
    """System whose run on the same set and seed the first stage starts from."""
    paper: Mapping[str, str] = field(default_factory=dict)
    """Figures of the paper's table 1 by set."""

    @property
    def seeded(self) -> bool:
        """True if another seed gives another model."""
        return bool(self.stages)


def reported(jsb: str, muse: str, nottingham: str, piano: str) -> dict[str, str]:
    """Return a row of table 1; the arguments are in its order."""
    return {"jsb": jsb, "nottingham": nottingham, "muse": muse, "piano": piano}


RANDOM = System("random", "random", paper=reported(*["-61.00"] * 4))
"""The system that tosses a coin for every key; nothing is computed."""
_WARM = Stage("warm", "rnn-rbm", 0.15e6, {"stage": "cross-entropy"}, SLOW)
SYSTEMS = {
    system.name: system
    for system in (
        System("note-ngram", "note n-gram", paper=reported("-10.26", "-7.91", "-4.54", "-7.50")),
        System(
            "rbm", "RBM", (Stage("whole", "rbm", 1.4e6, plan=STILL),),
            paper=reported("-7.43", "-9.56", "-5.25", "-10.17"),
        ),
        System(
            "nade", "NADE", (Stage("whole", "nade", 0.35e6, plan=STILL),),
            paper=reported("-7.19", "-10.06", "-5.48", "-10.28"),
        ),
        System(
            "rnn", "RNN", (Stage("whole", "rnn", 0.5e6, plan=SLOW),),
            paper=reported("-8.58 (HF)", "-7.19 (HF)", "-3.89 (HF)", "-7.66 (HF)"),
        ),
        System(
            "rtrbm", "RTRBM", (Stage("whole", "rtrbm", 1.6e6, plan=MOVED),),
            paper=reported("-6.35", "-6.35", "-2.62", "-7.36"),
        ),
        System(
            "rnn-rbm", "RNN-RBM", (_WARM, Stage("whole", "rnn-rbm", 2e6, plan=MOVED)),
            paper=reported("-6.27", "-6.01", "-2.39", "-7.09")
            | {k + RAW: v for k, v in reported("-7.27", "-9.31", "-4.72", "-9.89").items()},
        ),
        System(
            "rnn-nade", "RNN-NADE",
            (
                Stage("warm", "rnn-nade", 0.15e6, {"output": "independent"}, SLOW),
                Stage("whole", "rnn-nade", 0.7e6, plan=SLOW),
            ),
            paper=reported("-5.83, -5.56 (HF)", "-6.74, -5.60 (HF)", "-2.91, -2.31 (HF)",
                           "-7.48, -7.05 (HF)"),
        ),
        System(
            "rnn-dbn", "RNN-DBN",
            (
                Stage("second", "rnn-dbn", 0.8e6, {"stage": "second"}, SLOW),
                Stage("fine", "rnn-dbn", 0.8e6, {"stage": "fine"}, {**SLOW, "rate": 1e-3}),
            ),
            begins="rnn-rbm",
            paper=reported("-5.68", "-6.28", "-2.54", "-7.15"),
        ),
        System(
            "note-list", "note-list",
            (
                Stage("whole", "note-list", 0.42e6, plan={"rows": 8, "rate": 2e-3, "transpose": 5,
                                                          "average": 0.98}),
            ),
        ),
    )
}  # fmt: skip
"""Systems by name, in the order of the table."""
