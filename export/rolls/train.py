"""Train a model of frames: `python -m export.rolls.train --model NAME --set X=PATH --out DIR`.

Every option of the model's family is a flag (`--model NAME --help`). The folder is left with
`best.npz` (the epoch whose monitor was highest on the validation splits) and `last.npz`.
"""

from __future__ import annotations

import argparse
import dataclasses
import operator
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from export.corpus.rolls import RollSet, load_rolls
from export.models.polyphony.family import FAMILIES, build
from export.models.polyphony.frame_model import FrameConfig, FrameModel
from export.rolls.batches import FrameBatch, Piece, chunked, shuffled
from export.rolls.evaluate import from_state, share_of_keys, watched
from export.training import checkpoint, command
from export.training.kinds import FRAMES
from export.training.plan import FramePlan
from export.training.task import Batch, Epoch, Loss, Task, Validation
from export.training.trainer import Trainer


class RollTask(Task[FrameBatch]):
    """A model of piano rolls: its own objective, and its monitor on the validation splits."""

    better = staticmethod(operator.gt)
    model: FrameModel

    def __init__(
        self, kind: str, config: FrameConfig, plan: FramePlan, sets: Sequence[RollSet]
    ) -> None:
        torch.manual_seed(plan.seed)
        self.kind, self.plan, self.sets = kind, plan, sets
        self.model = build(kind, config)
        self._pieces = [Piece(roll, i) for i, found in enumerate(sets) for roll in found.train]

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[FrameBatch]]:
        plan, rows = self.plan, min(self.plan.rows, len(self._pieces))
        order = shuffled(self._pieces, epoch.rng, plan.reach(epoch.progress))
        chunks = chunked(
            order, rows=rows, length=plan.length, sets=len(self.model.config.sets), least=rows // 2
        )
        return sum(len(piece.roll) for piece in self._pieces), chunks

    def loss(self, batch: Batch[FrameBatch]) -> Loss:
        chunk = batch.content
        state = from_state(self.model, chunk, batch.state)
        total, state = self.model.loss(chunk.v, chunk.mask, state)
        frames = int(chunk.mask.sum())
        return Loss(total / frames, float(total.detach()), frames, state)

    def validate(self, model: FrameModel, _curve: list[float]) -> Validation:
        """Return the mean over the sets of the monitor, nats per frame."""
        figures = watched(model, self.sets)
        return Validation(sum(figures.values()) / len(figures), figures, {"valid": figures})


def main(argv: list[str] | None = None) -> int:
    """Read the sets, train, leave `best.npz` and `last.npz` in the output folder."""
    family = argparse.ArgumentParser(add_help=False)
    _add_model(family)
    config = FAMILIES[family.parse_known_args(argv)[0].model].Config()
    parser = command.parser_of("export.rolls.train", __doc__)
    _add_model(parser)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets")
    parser.add_argument("--begin-with", type=Path, metavar="CHECKPOINT.npz", help="fine-tune it")
    return command.train(parser, argv, config, FramePlan(), _trainer)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", choices=FAMILIES, default="note-list")


def _trainer(config: FrameConfig, plan: FramePlan, args: dict[str, Any]) -> Trainer[Any]:
    sets = load_rolls(args["sets"])
    config = dataclasses.replace(config, sets=tuple(found.name for found in sets))
    task = RollTask(args["model"], config, plan, sets)
    trainer = Trainer(task, plan, args["out"], args["sets"])
    if args["begin_with"]:
        weights = checkpoint.load_model(args["begin_with"], FRAMES)[1].state_dict()
        trainer.begin_with(task.model.completed(weights))
    elif not args["resume"]:
        task.model.set_marginals(share_of_keys(sets))
        trainer.averaged.load_state_dict(task.model.state_dict())
    return trainer


if __name__ == "__main__":
    sys.exit(main())
