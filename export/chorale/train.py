"""Train the chorale model: `python -m export.chorale.train --satb PATH --out runs/x`.

Each epoch plays every chorale of the train split once, in a random key that suits voices. The valid
split is measured without tags.
"""

from __future__ import annotations

import argparse
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
from export.training import checkpoint
from export.training.plan import Plan
from export.training.trainer import Course, add_flags, taken
from stream.errors import StreamError

FAMILY = "chorale"
DEFAULTS = Plan(
    epochs=50, rows=16, length=64, rate=3e-3, decay=0.02, average=0.995, transpose=5, patience=30
)


class ChoraleCourse(Course[ChoraleBatch]):
    """Four parts, each a token of a frame."""

    tokens = 4
    model: Chorale
    average: Chorale

    def __init__(
        self, config: ChoraleConfig, plan: Plan, out: Path, chorales: dict[str, list[Frames]]
    ) -> None:
        torch.manual_seed(plan.seed)
        super().__init__(FAMILY, Chorale(config), plan, out)
        self._corpora = {reach: Corpus(chorales["train"], reach) for reach in (plan.transpose, 0)}
        self._valid = [untagged(score_of(c)) for c in held_out(chorales, "valid")]

    def chunks(self, reach: int, rng: np.random.Generator) -> list[ChoraleBatch]:
        """The chorales in an order of their own."""
        return list(chunked(self._corpora[reach].drawn(rng), self.plan.rows, self.plan.length))

    def nats(self, chunk: ChoraleBatch, state: Tensor) -> tuple[Tensor, Tensor]:
        """[T, B, 4], and the state."""
        return self.model.nats(chunk.frames, chunk.past, chunk.tags, chunk.mask, state)

    def reading(self) -> tuple[float, dict[str, Any]]:
        """Nats a token."""
        found = measured(self.average, self._valid)
        parts = [round(part, 4) for part in found.parts]
        return found.token, {"valid_nats": round(found.token, 4), "parts": parts}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.chorale.train", description=__doc__)
    parser.add_argument("--satb", type=Path, required=True, metavar="PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    add_flags(parser, ChoraleConfig(), DEFAULTS)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    try:
        config, plan = taken(ChoraleConfig(), args), taken(DEFAULTS, args)
        chorales = read_satb(args["satb"])
        checkpoint.make_folder(args["out"])
        course = ChoraleCourse(config, plan, args["out"], chorales)
        if args["resume"]:
            course.resume()
        course.fit()
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
