"""Check a checkpoint: exact likelihood by piece, with its interval, its split, and its hash.

`python -m benchmarks.polyphony.evaluator --checkpoint best.npz --set jsb jsb_chorales.npz` prints
one line of JSON. The interval is of a bootstrap over pieces. `future` is the largest change of a
frame's log-likelihood when all later frames are replaced: more than rounding would mean that the
model hears what it has to predict.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import script
from benchmarks.polyphony.lists.baselines import KINDS
from benchmarks.polyphony.lists.runs import Floats, Scores, digest, scores
from export.command_line import print_lines, run
from export.corpus.rolls import SPLITS, Roll, read_rolls
from export.models.polyphony.frame_model import Exact
from export.training import checkpoint

DRAWS = 10_000
"""Samples of the bootstrap."""
SEED = 1
TRIED = 64
"""Frames of the piece on which causality is tried; its second half is replaced."""


def bootstrap(nats: Floats, frames: Floats) -> tuple[float, float]:
    """Return the 95 % interval of nats per frame, the pieces drawn again and again.

    `nats` [pieces] are sums over each piece, `frames` [pieces] their lengths.
    """
    rng = np.random.default_rng(SEED)
    at = rng.integers(0, len(nats), (DRAWS, len(nats)))
    found = nats[at].sum(1) / frames[at].sum(1)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


@torch.no_grad()
def future(model: Exact, roll: Roll, column: int) -> float:
    """Return the largest change of the first frames' nats if the frames after them are others."""
    model.eval()
    v = torch.as_tensor(roll[:TRIED], dtype=torch.float32)[:, None]  # [T, 1, 88]
    tags = torch.zeros(1, max(len(model.config.sets), 1))
    tags[0, column] = 1
    mask, half = torch.ones(v.shape[:2], dtype=torch.bool), len(v) // 2
    other = v.clone()
    other[half:] = (torch.rand(other[half:].shape) < 0.1).float()
    nats, changed = (
        model.log_likelihood(frames, mask, model.begin(tags))[0][:half] for frames in (v, other)
    )
    return float((nats - changed).abs().max()) if half else 0.0


def facts(found: Scores) -> dict[str, Any]:
    """Return the figures of one split in nats per frame."""
    low, high = bootstrap(found.nats, found.frames)
    return {
        "nats": round(found.mean, 4), "interval": [round(low, 4), round(high, 4)],
        "frames": int(found.frames.sum()), "pieces": len(found.frames),
        "repeated_frames": int(found.repeated.sum()),
        "nats_on_repeated": round(found.on_repeated, 4), "nats_on_new": round(found.on_new, 4),
    }  # fmt: skip


def _lines(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    trained, model = checkpoint.load_model(args.checkpoint, KINDS)
    torch.manual_seed(SEED)
    for name, path in args.sets:
        found = read_rolls(Path(path), name)
        rolls, column = found.split(args.split), model.config.column(name)
        yield {
            "checkpoint": digest(args.checkpoint), "data": digest(Path(path)),
            "model": trained.kind, "parameters": sum(p.numel() for p in model.parameters()),
            "set": name, "split": args.split, "measure": "log_likelihood_exact",
            **facts(scores(model, rolls, column)), "future": future(model, rolls[0], column),
        }  # fmt: skip


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser("evaluator", __doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--set", action="append", nargs=2, required=True, dest="sets",
                        metavar=("NAME", "DATA.npz"), help="a set, and its archive")  # fmt: skip
    parser.add_argument("--split", choices=SPLITS, default="test")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print a JSON line for each set; return the exit code."""
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    return run(lambda: print_lines(_lines(args)))


if __name__ == "__main__":
    sys.exit(main())
