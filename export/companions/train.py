"""Train a companion: `python -m export.companions.train ROLE --corpora FOLDER --out runs/ROLE`.

Each epoch plays every piece of the training set once. The held-out pieces are measured in bits per
frame after each epoch.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.companions.batches import CompanionBatch, chunked
from export.companions.role import Corpus, Piece, Role
from export.companions.roles import ROLES
from export.models.companion import CompanionConfig, CompanionNet
from export.training import command
from export.training.frame_task import FrameTask
from export.training.plan import FramePlan
from export.training.task import Validation
from export.training.trainer import Trainer

DEFAULTS = FramePlan(
    epochs=40, minutes=25, rows=16, length=64, rate=3e-3, decay=0.02, average=0.99, patience=10
)
ROWS, LENGTH = 32, 128
"""Rows and frames of a batch that is measured."""


class CompanionTask(FrameTask[CompanionBatch]):
    """The frames of one part, given all others."""

    kind = "companion"
    model: CompanionNet

    def __init__(self, config: CompanionConfig, plan: FramePlan, corpus: Corpus) -> None:
        torch.manual_seed(plan.seed)
        super().__init__(CompanionNet(config), plan)
        self._corpus, self._valid = corpus, corpus.valid()

    def chunks(self, reach: int, rng: np.random.Generator) -> Sequence[CompanionBatch]:  # noqa: ARG002
        """Return the pieces of an epoch in random order."""
        pieces = self._corpus.train(rng)
        order = [pieces[i] for i in rng.permutation(len(pieces))]
        plan = self.plan
        return list(chunked(order, self.model.config, plan.rows, plan.length))

    def nats(self, chunk: CompanionBatch, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return nats [T, B, M], and the state."""
        heard = self.model.heard(chunk.context, chunk.tags, chunk.echoes)
        return self.model.nats(chunk.frames, chunk.before, heard, chunk.mask, state)

    def validate(self, model: CompanionNet, _curve: list[float]) -> Validation:
        """Return nats per frame of the held-out pieces, and bits by head."""
        found = nats_by_head(model, self._valid)
        nats = float(found.sum())
        facts = {"valid_nats": nats, "bits": (found / math.log(2)).tolist()}
        return Validation(nats, facts, {"valid_bits": nats / math.log(2)})


@torch.no_grad()
def nats_by_head(model: CompanionNet, pieces: Sequence[Piece]) -> np.ndarray[Any, Any]:
    """Return the mean nats per frame of each head [M] on the pieces."""
    model.eval()
    heads = model.config.heads
    rows = min(ROWS, len(pieces))
    state, total, frames = model.initial(rows), torch.zeros(len(heads), dtype=torch.float64), 0
    for batch in chunked(sorted(pieces, key=len, reverse=True), model.config, rows, LENGTH):
        state = torch.where(batch.cold[:, None], 0.0, state)
        heard = model.heard(batch.context, batch.tags, batch.echoes)
        nats, state = model.nats(batch.frames, batch.before, heard, batch.mask, state)
        total += nats.sum((0, 1), dtype=torch.float64)
        frames += int(batch.mask.sum())
    found: np.ndarray[Any, Any] = total.numpy() / frames
    return found


def config_of(role: Role) -> CompanionConfig:
    """Return the sizes of a role's companion."""
    kind = role.kind
    return CompanionConfig(
        role.name, tuple(kind.heads), kind.context_width, role.tags, hidden=role.hidden,
        echo=getattr(role, "echo", ()),
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Read the corpora, train, leave `best.npz` and `last.npz` in the output folder."""
    parser = command.parser_of("export.companions.train", __doc__)
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    arguments = sys.argv[1:] if argv is None else argv
    name = next((word for word in arguments if word in ROLES), next(iter(ROLES), ""))
    torch.set_num_threads(1)
    return command.train(parser, argv, config_of(ROLES[name]), DEFAULTS, _trainer)


def _trainer(config: CompanionConfig, plan: FramePlan, args: dict[str, Any]) -> Trainer[Any]:
    config = dataclasses.replace(config, role=args["role"])
    task = CompanionTask(config, plan, ROLES[config.role].corpus(args["corpora"]))
    return Trainer(task, plan, args["out"], [str(args["corpora"])])


if __name__ == "__main__":
    sys.exit(main())
