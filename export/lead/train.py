"""Train the model of lead sheets: `python -m export.lead.train --sheets PATH --out runs/x`.

Each epoch plays every sheet of the train split once, in a random key. The valid split is measured
without style and closing.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.lead.lead_sheet import Sheet, read_sheets
from export.lead.sheet_batches import Batch, chunked, drawn, measured, score_of, without_tags
from export.models.lead.lead_sheet import LeadSheet, LeadSheetConfig
from export.training import command
from export.training.frame_task import FrameTask
from export.training.plan import FramePlan
from export.training.task import Validation
from export.training.trainer import Trainer

DEFAULTS = FramePlan(
    epochs=60, rows=16, length=64, rate=3e-3, decay=0.02, average=0.99, transpose=6, patience=25
)


class SheetTask(FrameTask[Batch]):
    """A chord and a melody class in each frame."""

    kind = "lead-sheet"
    model: LeadSheet

    def __init__(
        self, config: LeadSheetConfig, plan: FramePlan, sheets: Mapping[str, Sequence[Sheet]]
    ) -> None:
        torch.manual_seed(plan.seed)
        super().__init__(LeadSheet(config), plan)
        self._train = sheets["train"]
        self._valid = [without_tags(score_of(sheet)) for sheet in sheets["valid"]]

    def chunks(self, reach: int, rng: np.random.Generator) -> list[Batch]:
        """Return the sheets in random order."""
        return list(chunked(drawn(self._train, reach, rng), self.plan.rows, self.plan.length))

    def nats(self, chunk: Batch, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return nats [T, B, 2], and the state."""
        return self.model.nats(chunk.frames, chunk.known, chunk.tags, chunk.mask, state)

    def validate(self, model: LeadSheet, _curve: list[float]) -> Validation:
        """Return nats per frame."""
        found = measured(model, self._valid)
        facts = dataclasses.asdict(found)
        return Validation(found.nats, facts, facts)


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    parser = command.parser_of("export.lead.train", __doc__)
    parser.add_argument("--sheets", type=Path, required=True, metavar="PATH")
    return command.train(parser, argv, LeadSheetConfig(), DEFAULTS, _trainer)


def _trainer(config: LeadSheetConfig, plan: FramePlan, args: dict[str, Any]) -> Trainer[Any]:
    task = SheetTask(config, plan, read_sheets(args["sheets"]))
    return Trainer(task, plan, args["out"], [str(args["sheets"])])


if __name__ == "__main__":
    sys.exit(main())
