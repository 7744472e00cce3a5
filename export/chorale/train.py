"""Train the chorale model: `python -m export.chorale.train --satb PATH --out runs/x`.

Each epoch plays every chorale of the train split once, in a random key that suits voices. The valid
split is measured without tags.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.chorale.batches import ChoraleBatch, Corpus, chunked, score_of, untagged
from export.chorale.likelihood import measured
from export.corpus.satb import Frames, held_out, read_satb
from export.models.polyphony.chorale import Chorale, ChoraleConfig
from export.training import command
from export.training.frame_task import FrameTask
from export.training.plan import FramePlan
from export.training.task import Validation
from export.training.trainer import Trainer

DEFAULTS = FramePlan(
    epochs=50, rows=16, length=64, rate=3e-3, decay=0.02, average=0.995, transpose=5, patience=30
)


class ChoraleTask(FrameTask[ChoraleBatch]):
    """Four parts, each a token of a frame."""

    kind = "chorale"
    tokens = 4
    model: Chorale

    def __init__(
        self, config: ChoraleConfig, plan: FramePlan, chorales: dict[str, list[Frames]]
    ) -> None:
        torch.manual_seed(plan.seed)
        super().__init__(Chorale(config), plan)
        self._corpora = {reach: Corpus(chorales["train"], reach) for reach in (plan.transpose, 0)}
        self._valid = [untagged(score_of(c)) for c in held_out(chorales, "valid")]

    def chunks(self, reach: int, rng: np.random.Generator) -> list[ChoraleBatch]:
        """Return the chorales in random order."""
        return list(chunked(self._corpora[reach].drawn(rng), self.plan.rows, self.plan.length))

    def nats(self, chunk: ChoraleBatch, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return nats [T, B, 4], and the state."""
        return self.model.nats(chunk.frames, chunk.past, chunk.tags, chunk.mask, state)

    def validate(self, model: Chorale, _curve: list[float]) -> Validation:
        """Return nats per token."""
        found = measured(model, self._valid)
        facts = {"valid_nats": found.token, "parts": found.parts}
        return Validation(found.token, facts, facts)


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    parser = command.parser_of("export.chorale.train", __doc__)
    parser.add_argument("--satb", type=Path, required=True, metavar="PATH")
    return command.train(parser, argv, ChoraleConfig(), DEFAULTS, _trainer)


def _trainer(config: ChoraleConfig, plan: FramePlan, args: dict[str, Any]) -> Trainer[Any]:
    task = ChoraleTask(config, plan, read_satb(args["satb"]))
    return Trainer(task, plan, args["out"], [str(args["satb"])])


if __name__ == "__main__":
    sys.exit(main())
