"""Train the network of the voice: `python -m export.blues.train --out runs/blues`.

First the clock, until it keeps every form; then the lines over it. The program makes all training
data itself.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from export.blues.train_clock import (
    NoiseConfig,
    accuracy_after_changes,
    free_play_accuracy,
    train_clock,
)
from export.blues.train_lines import LinesPlan, LinesTask
from export.command_line import run
from export.models.blues.trio import Trio, TrioConfig
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import BLUES
from export.training.trainer import Line, Trainer, printed
from stream.errors import SettingsError

NAME = "trio.npz"
ROUNDS = 8
"""Trainings of the clock after which one that does not keep a form is given up."""


def train(args: argparse.Namespace) -> None:
    """Write `--out`/trio.npz after each round of the clock, and each epoch of the lines."""
    for flag in ("iterations", "tunes"):
        if getattr(args, flag) < 1:
            raise SettingsError(f"--{flag} {getattr(args, flag)}: must be 1 or more")
    plan = LinesPlan(
        tunes=args.tunes, epochs=args.epochs, minutes=args.minutes, seed=args.seed,
        warm_up=max(args.epochs, 0) / 50,
    )  # fmt: skip
    torch.manual_seed(args.seed)
    path = args.out / NAME
    model = Trio(TrioConfig(lines=args.width))
    if args.resume:
        model = checkpoint.load_model(path, BLUES)[1].train()
    _train_clock(model, NoiseConfig(args.iterations), args.seed, path)

    def report(line: Line) -> None:
        printed(line)
        _save(path, model, {"epochs": line["epoch"], "train_nats_per_frame": line["train_nats"]})

    task = LinesTask(model, plan, np.random.default_rng(args.seed))
    Trainer(task, plan, report=report).fit()


def _train_clock(model: Trio, config: NoiseConfig, seed: int, path: Path) -> None:
    """Train the clock until it keeps every form, over a hundred choruses and all changes."""
    for number in range(ROUNDS):
        held, changed = free_play_accuracy(model.clock, 100), accuracy_after_changes(model.clock)
        print(f"clock: {held:.4f} of the chords right, {changed:.4f} through changes of style",
              flush=True)  # fmt: skip
        if held == changed == 1:
            return
        train_clock(model.clock, config, seed * ROUNDS + number)
        _save(path, model, {"epochs": 0})
    raise SettingsError(
        f"--iterations {config.iterations}: the clock does not keep the forms yet; "
        "continue with --resume"
    )


def _save(path: Path, model: Trio, progress: dict[str, float]) -> None:
    checkpoint.save(path, Checkpoint("trio", model.config, model.state_dict(), progress=progress))


def _arguments() -> argparse.ArgumentParser:
    plan = LinesPlan()
    parser = argparse.ArgumentParser(prog="python -m export.blues.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/blues"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=TrioConfig().lines, help="cells of the lines")
    parser.add_argument(
        "--iterations", type=int, default=NoiseConfig().iterations, help="steps of the clock"
    )
    parser.add_argument("--tunes", type=int, default=plan.tunes)
    parser.add_argument("--epochs", type=int, default=plan.epochs)
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="longest training of the lines; 0: no limit"
    )
    parser.add_argument("--resume", action="store_true", help="continue from the network in --out")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Train the clock and the lines."""
    torch.set_num_threads(1)
    args = _arguments().parse_args(argv)
    return run(lambda: train(args))


if __name__ == "__main__":
    sys.exit(main())
