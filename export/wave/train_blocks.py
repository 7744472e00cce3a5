"""Train the paper's network: `python -m export.wave.train_blocks FOLDER --out runs/wave/gruv`.

FOLDER holds WAV files of one style; 80 % of them train it. As in the paper: clips of 10 s, blocks
of 0.25 s, the next block's spectrum from the last one's, squared error. `--rate 44100 --hidden 2048
--device cuda` is the paper's size.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.models.wave.cells import CELLS
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.wave import audio, blocks
from stream.errors import StreamError

CLIP = 40
"""Blocks of a clip: 10 s."""
LEAST_DEVIATION = 1e-8
OPTIMISERS = {"rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how to train."""

    epochs: int = 60
    rows: int = 4
    """Clips of an update."""
    rate: float = 5e-4
    optimiser: str = "rmsprop"
    seed: int = 1
    device: str = "cpu"


def clips(pieces: Sequence[audio.Piece], config: BlockConfig) -> Tensor:
    """Spectra [CLIP, N, D] of the clips of all pieces; the end of a piece is left out."""
    found = []
    for piece in pieces:
        features = blocks.spectra(blocks.cut(piece.samples, config.hop, config.length))
        whole = len(features) // CLIP * CLIP
        found.append(features[:whole].reshape(-1, CLIP, config.features))
    return torch.from_numpy(np.concatenate(found)).transpose(0, 1).contiguous()


def error(model: BlockRNN, x: Tensor) -> Tensor:
    """Mean squared error of the next block over standardised clips [T, N, D]."""
    predicted, _ = model(x[:-1], model.initial(x.shape[1]))
    return F.mse_loss(predicted, x[1:])


def train(config: BlockConfig, plan: Plan, found: audio.Corpus) -> Checkpoint:
    """The model of the epoch with the least error on the dev pieces, and how it went."""
    torch.manual_seed(plan.seed)
    begun = time.monotonic()
    model = BlockRNN(config)
    raw = [clips(pieces, config) for pieces in (found.train, found.dev)]
    model.mean.copy_(raw[0].mean(dim=(0, 1)))
    model.deviation.copy_(raw[0].std(dim=(0, 1), correction=0).clamp(min=LEAST_DEVIATION))
    model.to(plan.device)
    inner, dev = (model.standardised(each.to(plan.device)) for each in raw)
    optimiser = OPTIMISERS[plan.optimiser](model.parameters(), lr=plan.rate)
    curves: dict[str, list[float]] = {"train": [], "dev": []}
    best: dict[str, Tensor] = {}
    for _ in range(plan.epochs):
        total = 0.0
        for rows in torch.randperm(inner.shape[1]).split(plan.rows):
            optimiser.zero_grad()
            loss = error(model, inner[:, rows])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            total += float(loss.detach()) * len(rows)
        with torch.no_grad():
            curves["train"].append(total / inner.shape[1])
            curves["dev"].append(float(error(model, dev)))
        if curves["dev"][-1] == min(curves["dev"]):
            best = {name: value.detach().clone() for name, value in model.state_dict().items()}
    seconds = time.monotonic() - begun
    progress = {"best": min(curves["dev"]), "seconds": seconds, "curves": curves}
    return Checkpoint("block", config, best, progress=progress)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.wave.train_blocks", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--cell", choices=CELLS, default="lstm")
    parser.add_argument("--hidden", type=int, default=256, metavar="N")
    parser.add_argument("--rate", type=int, default=11_025, metavar="HZ")
    parser.add_argument("--epochs", type=int, default=60, metavar="N")
    parser.add_argument("--optimiser", choices=OPTIMISERS, default="rmsprop")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--device", default="cpu")
    return parser


def config_of(rate: int, hidden: int, cell: str, overlap: float = 0.1) -> BlockConfig:
    """Blocks of 0.25 s at this rate that share a part of it with the next."""
    hop = rate // 4
    return BlockConfig(rate, hop, int(overlap * hop) // 2 * 2, hidden, cell)


def main(argv: list[str] | None = None) -> int:
    """Write the checkpoint, and one line of JSON."""
    args = _arguments().parse_args(argv)
    try:
        found = audio.read_folder(args.folder, args.rate)
        config = config_of(args.rate, args.hidden, args.cell)
        plan = Plan(
            epochs=args.epochs, optimiser=args.optimiser, seed=args.seed, device=args.device
        )
        trained = train(config, plan, found)
        checkpoint.save(args.out, trained)
    except StreamError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2
    for reason in found.skipped:
        print(f"skipped: {reason}", file=sys.stderr)
    progress = trained.progress
    print(json.dumps({"dev": progress["best"], "seconds": round(progress["seconds"], 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
