"""Train the network of the voice: `python -m export.blues.train --out runs/blues`.

First the clock, until every form is kept by it; then the lines over it. All that is learnt from is
made by the program.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from export.blues.train_clock import Shaking, kept, switched, train_clock
from export.blues.train_lines import Lesson, train_lines
from export.models.blues.trio import Trio, TrioConfig
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import BLUES
from stream.errors import SettingsError, StreamError

NAME = "trio.npz"
ROUNDS = 8
"""In which a clock may fail to keep a form."""


def train(args: argparse.Namespace) -> None:
    """Write `--out`/trio.npz: after each round of the clock, and each epoch of the lines."""
    for flag in ("iterations", "epochs", "tunes"):
        if getattr(args, flag) < 1:
            raise SettingsError(f"--{flag} {getattr(args, flag)}: must be 1 or more")
    torch.manual_seed(args.seed)
    rng, path = np.random.default_rng(args.seed), args.out / NAME
    model = (
        checkpoint.load_model(path, BLUES)[1].train()
        if args.resume
        else Trio(TrioConfig(lines=args.width))
    )
    _clock(model, Shaking(args.iterations), rng, path)
    lesson = Lesson(tunes=args.tunes, epochs=args.epochs, minutes=args.minutes)
    begun = time.monotonic()
    for epoch, nats in enumerate(train_lines(model.lines, model.clock, lesson, rng), 1):
        minutes = (time.monotonic() - begun) / 60
        print(f"epoch {epoch}: {nats:.4f} nats a frame, {minutes:.1f} min", flush=True)
        _save(path, model, {"epochs": epoch, "train_nats_per_frame": nats})


def _clock(model: Trio, shaking: Shaking, rng: np.random.Generator, path: Path) -> None:
    """Train the clock until it keeps every form, over a hundred choruses and all changes."""
    for _ in range(ROUNDS):
        held, changed = kept(model.clock, 100), switched(model.clock)
        print(f"clock: {held:.4f} of the chords right, {changed:.4f} through changes of style",
              flush=True)  # fmt: skip
        if held == changed == 1:
            return
        train_clock(model.clock, shaking, rng)
        _save(path, model, {"epochs": 0})
    raise SettingsError(
        f"--iterations {shaking.iterations}: the forms are not learnt yet; go on with --resume"
    )


def _save(path: Path, model: Trio, progress: dict[str, float]) -> None:
    checkpoint.save(path, Checkpoint("trio", model.config, model.state_dict(), progress=progress))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.blues.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/blues"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--width", type=int, default=TrioConfig().lines, help="cells of the lines")
    parser.add_argument("--iterations", type=int, default=Shaking().iterations, help="of the clock")
    parser.add_argument("--tunes", type=int, default=Lesson().tunes)
    parser.add_argument("--epochs", type=int, default=Lesson().epochs)
    parser.add_argument("--minutes", type=float, default=0.0, help="of the lines; 0: no limit")
    parser.add_argument("--resume", action="store_true", help="go on from what is in --out")
    return parser


def main(argv: list[str] | None = None) -> int:
    torch.set_num_threads(1)
    try:
        train(_arguments().parse_args(argv))
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
