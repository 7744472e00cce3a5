"""Train the model of lead sheets: `python -m export.lead.train --sheets PATH --out runs/x`.

Each epoch plays every sheet of the train split once, in a random key. The valid split is measured
without style and closing.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.lead.lead_sheet import Sheet, read_sheets
from export.lead.sheet_batches import Batch, chunked, drawn, measured, score_of, untold
from export.models.lead.lead_sheet import LeadSheet, LeadSheetConfig
from export.training import checkpoint
from export.training.plan import Plan
from export.training.trainer import Course, add_flags, taken
from stream.errors import StreamError

FAMILY = "lead-sheet"
DEFAULTS = Plan(
    epochs=60, rows=16, length=64, rate=3e-3, decay=0.02, average=0.99, transpose=6, patience=25
)


class SheetCourse(Course[Batch]):
    """A chord and a melody class a frame."""

    model: LeadSheet
    average: LeadSheet

    def __init__(
        self, config: LeadSheetConfig, plan: Plan, out: Path, sheets: Mapping[str, Sequence[Sheet]]
    ) -> None:
        torch.manual_seed(plan.seed)
        super().__init__(FAMILY, LeadSheet(config), plan, out)
        self._train = sheets["train"]
        self._valid = [untold(score_of(sheet)) for sheet in sheets["valid"]]

    def chunks(self, reach: int, rng: np.random.Generator) -> list[Batch]:
        """The sheets in an order of their own."""
        return list(chunked(drawn(self._train, reach, rng), self.plan.rows, self.plan.length))

    def nats(self, chunk: Batch, state: Tensor) -> tuple[Tensor, Tensor]:
        """[T, B, 2], and the state."""
        return self.model.nats(chunk.frames, chunk.known, chunk.tags, chunk.mask, state)

    def reading(self) -> tuple[float, dict[str, Any]]:
        """Nats a frame."""
        found = measured(self.average, self._valid)
        facts = {name: round(value, 4) for name, value in dataclasses.asdict(found).items()}
        return found.nats, facts


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.lead.train", description=__doc__)
    parser.add_argument("--sheets", type=Path, required=True, metavar="PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    add_flags(parser, LeadSheetConfig(), DEFAULTS)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    try:
        config, plan = taken(LeadSheetConfig(), args), taken(DEFAULTS, args)
        sheets = read_sheets(args["sheets"])
        checkpoint.make_folder(args["out"])
        course = SheetCourse(config, plan, args["out"], sheets)
        if args["resume"]:
            course.resume()
        course.fit()
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
