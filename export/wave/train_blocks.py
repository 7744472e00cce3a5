"""Train the paper's network: `python -m export.wave.train_blocks FOLDER --out runs/wave/gruv`.

FOLDER holds WAV files of one style; 80 % of them train it. As in the paper: clips of 10 s, blocks
of 0.25 s, the next block's spectrum from the last one's, squared error. `--rate 44100 --hidden 2048
--device cuda` is the paper's size.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from export.command_line import run
from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.models.wave.cells import CELLS
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.plan import OPTIMIZERS, Plan
from export.training.task import Batch, Epoch, Loss, Task, Validation
from export.training.trainer import Trainer
from export.wave import audio, blocks

CLIP = 40
"""Blocks of a clip: 10 s."""
LEAST_DEVIATION = 1e-8


@dataclass(frozen=True, slots=True)
class BlockPlan(Plan):
    """Training plan of the paper's network: a constant rate, no early stop."""

    epochs: int = 60
    rows: int = 4
    """Clips of an update."""
    rate: float = 5e-4
    decay: float = 0.0
    optimizer: str = "rmsprop"
    patience: int = 1_000_000
    warm_up: float = 0.0
    last_rate: float = 1.0
    device: str = "cpu"


def clips(pieces: Sequence[audio.Piece], config: BlockConfig) -> Tensor:
    """Return spectra [CLIP, N, D] of the clips of all pieces, without the ends of pieces."""
    found = []
    for piece in pieces:
        features = blocks.spectra(blocks.cut(piece.samples, config.hop, config.length))
        whole = len(features) // CLIP * CLIP
        found.append(features[:whole].reshape(-1, CLIP, config.features))
    return torch.from_numpy(np.concatenate(found)).transpose(0, 1).contiguous()


def error(model: BlockRNN, x: Tensor) -> Tensor:
    """Return the mean squared error of the next block over standardized clips [T, N, D]."""
    predicted, _ = model(x[:-1], model.initial(x.shape[1]))
    return F.mse_loss(predicted, x[1:])


class BlockTask(Task[Tensor]):
    """The paper's network and the standardized clips of both parts of a corpus."""

    kind = "block"
    model: BlockRNN

    def __init__(self, config: BlockConfig, plan: BlockPlan, found: audio.Corpus) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.model = plan, BlockRNN(config)
        raw = [clips(pieces, config) for pieces in (found.train, found.dev)]
        self.model.mean.copy_(raw[0].mean(dim=(0, 1)))
        deviation = raw[0].std(dim=(0, 1), correction=0)
        self.model.deviation.copy_(deviation.clamp(min=LEAST_DEVIATION))
        self.model.to(plan.device)
        self._train, self._dev = (self.model.standardized(x.to(plan.device)) for x in raw)

    def batches(self, _epoch: Epoch) -> tuple[float, Iterator[Tensor]]:
        count = self._train.shape[1]
        rows = torch.randperm(count).split(self.plan.rows)
        return count, (self._train[:, part] for part in rows)

    def loss(self, batch: Batch[Tensor]) -> Loss:
        mean, rows = error(self.model, batch.content), batch.content.shape[1]
        return Loss(mean, float(mean.detach()) * rows, rows)

    @torch.no_grad()
    def validate(self, model: BlockRNN, _curve: list[float]) -> Validation:
        """Return the squared error on the dev pieces."""
        return Validation(float(error(model, self._dev)))


def train(config: BlockConfig, plan: BlockPlan, found: audio.Corpus) -> Checkpoint:
    """Train; return the epoch with the least error on the dev pieces."""
    trainer = Trainer(BlockTask(config, plan, found), plan, report=lambda _: None)
    trainer.fit()
    return trainer.best_checkpoint()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.wave.train_blocks", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--cell", choices=CELLS, default="lstm")
    parser.add_argument("--hidden", type=int, default=256, metavar="N")
    parser.add_argument("--rate", type=int, default=11_025, metavar="HZ")
    parser.add_argument("--epochs", type=int, default=60, metavar="N")
    parser.add_argument("--optimizer", "--optimiser", choices=OPTIMIZERS, default="rmsprop")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--device", default="cpu")
    return parser


def config_of(rate: int, hidden: int, cell: str, overlap: float = 0.1) -> BlockConfig:
    """Return blocks of 0.25 s at this rate that share a part of it with the next."""
    hop = rate // 4
    return BlockConfig(rate, hop, int(overlap * hop) // 2 * 2, hidden, cell)


def main(argv: list[str] | None = None) -> int:
    """Write the checkpoint, and one line of JSON."""
    args = _arguments().parse_args(argv)

    def work() -> None:
        found = audio.read_folder(args.folder, args.rate)
        config = config_of(args.rate, args.hidden, args.cell)
        plan = BlockPlan(
            epochs=args.epochs, optimizer=args.optimizer, seed=args.seed, device=args.device
        )
        finish(args.out, train(config, plan, found), found.skipped)

    return run(work)


def finish(path: Path, trained: Checkpoint, skipped: Iterable[str]) -> None:
    """Save the checkpoint, name the files that were skipped, and print the figures."""
    checkpoint.save(path, trained)
    for reason in skipped:
        print(f"skipped: {reason}", file=sys.stderr)
    progress = trained.progress
    print(json.dumps({"dev": progress["best"], "seconds": round(progress["seconds"], 1)}))


if __name__ == "__main__":
    sys.exit(main())
