"""Likelihoods of splits: `python -m export.rolls.evaluate runs/x/best.npz --set jsb=PATH`.

Nats per frame: the mean over all frames of a split, each piece from the initial state.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.command_line import print_lines, run
from export.corpus.rolls import SPLITS, Roll, RollSet, load_rolls
from export.models.polyphony.frame_model import Exact, FrameModel
from export.rolls.batches import FrameBatch, Piece, by_length, chunked
from export.training import checkpoint
from export.training.kinds import FRAMES

ROWS = 32
LENGTH = 128

Measure = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""`v`, `mask`, `state` to nats of each frame [T, B] and the next state."""


def from_state(model: FrameModel, batch: FrameBatch, state: Tensor | None) -> Tensor:
    """Return the state that a chunk starts from: its row's, or the initial one of a piece."""
    fresh = model.begin(batch.tags)
    if state is None:
        return fresh
    return torch.where(batch.cold[:, None], fresh, state.detach())


def by_piece(
    model: FrameModel, rolls: Sequence[Roll], measure: Measure, column: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the measure's sum over each piece's frames [pieces], and its frames [pieces]."""
    pieces = by_length([Piece(roll, column, i) for i, roll in enumerate(rolls)])
    sums = np.zeros(len(rolls))
    rows, sets = min(ROWS, len(rolls)), max(len(model.config.sets), 1)
    state = None
    training = model.training
    model.eval()
    with torch.no_grad():
        for batch in chunked(pieces, rows=rows, length=LENGTH, sets=sets):
            nats, state = measure(batch.v, batch.mask, from_state(model, batch, state))
            played = batch.number >= 0
            row_sums = torch.where(batch.mask, nats, 0).sum(0, dtype=torch.float64)
            sums[batch.number[played].numpy()] += row_sums[played].numpy()
    model.train(training)
    return sums, np.array([len(roll) for roll in rolls])


def nats_per_frame(
    model: FrameModel, rolls: Sequence[Roll], measure: Measure, column: int = 0
) -> float:
    sums, frames = by_piece(model, rolls, measure, column)
    return float(sums.sum() / frames.sum())


def watched(model: FrameModel, sets: Sequence[RollSet]) -> dict[str, float]:
    """Return the monitor on the validation split of each set, by name; early stops watch it."""
    return {
        found.name: nats_per_frame(model, found.valid, model.monitor, column)
        for column, found in enumerate(sets)
    }


def share_of_keys(sets: Sequence[RollSet]) -> Tensor:
    """Return the share of the training frames in which each key sounds [88]."""
    frames = np.concatenate([roll for found in sets for roll in found.train])
    return torch.from_numpy(frames.mean(0, dtype=np.float32))


def parser_of(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser of a checkpoint, of sets and of one of their splits."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets")
    parser.add_argument("--split", choices=SPLITS, default="test")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Print a JSON line for each set."""
    args = parser_of("export.rolls.evaluate", __doc__).parse_args(argv)
    return run(lambda: print_lines(_lines(args)))


def _lines(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    trained, model = checkpoint.load_model(args.checkpoint, FRAMES)
    exact = isinstance(model, Exact)
    measure = model.log_likelihood if isinstance(model, Exact) else model.monitor
    for found in load_rolls(args.sets):
        rolls = found.split(args.split)
        nats = nats_per_frame(model, rolls, measure, model.config.column(found.name))
        yield {
            "model": trained.kind, "set": found.name, "split": args.split,
            "measure": "log_likelihood_exact" if exact else "monitor", "nats": round(nats, 4),
            "frames": sum(map(len, rolls)), "epochs": trained.progress["epochs"],
            "parameters": sum(p.numel() for p in model.parameters()),
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
