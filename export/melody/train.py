"""Train a melody model: `python -m export.melody.train --model vrash --corpus STYLE=PATH …`.

The objective is the negative ELBO (Kingma & Welling 2014, equation 10) per note, with the three
remedies against a decoder that ignores its latent point: KL annealing and word dropout on the
history (Bowman et al. 2016), and free bits (Kingma et al. 2016). Under `torchrun` the same command
trains on several devices (DistributedDataParallel), each on its own share of the tunes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed
from torch.nn.parallel import DistributedDataParallel
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from export.corpus.dataset import Batch, epoch
from export.corpus.read import load, name_broken
from export.corpus.tune import Melody
from export.melody.evaluate import Reading, read
from export.melody.plan import Plan
from export.models.family import FAMILIES, build
from export.models.melody import CELLS, HISTORIES, Losses, MelodyConfig
from export.training import checkpoint
from export.training.splits import train_and_valid
from stream.errors import StreamError


class Trainer:
    """One model, its optimiser and its progress through the epochs of a plan."""

    def __init__(self, family: str, config: MelodyConfig, plan: Plan, out: Path) -> None:
        torch.manual_seed(plan.seed)
        self.rank = int(os.environ.get("RANK", "0"))
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.device = _device()
        self.family, self.config, self.plan, self.out = family, config, plan, out
        self.model = build(family, config).to(self.device)
        self.network = DistributedDataParallel(self.model) if self.world > 1 else self.model
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=plan.rate, weight_decay=0.01, betas=(0.9, 0.98)
        )
        self.epochs_done, self.best, self.best_epoch = 0, math.inf, 0

    def resume(self) -> None:
        """Go on from the last checkpoint in the output folder."""
        last = checkpoint.load_to_resume(self.out / "last.npz", self.family, self.config)
        self.model.load_state_dict(last.weights)
        checkpoint.restore_optimizer(self.optimiser, last.optimizer)
        self.epochs_done = last.progress["epochs"]
        self.best, self.best_epoch = last.progress["best"], last.progress["best_epoch"]

    @property
    def done(self) -> bool:
        """The plan is fulfilled, or nothing has improved for as long as it allows."""
        stalled = self.epochs_done - self.best_epoch >= self.plan.patience
        return stalled or self.epochs_done >= self.plan.epochs

    def fit(self, train: list[Melody], valid: list[Melody]) -> None:
        """Train to the end of the plan or to the early stop; checkpoint after each epoch."""
        writer = SummaryWriter(self.out / "logs") if self.rank == 0 else None
        while not self.done:
            begun = time.monotonic()
            nats = self._epoch(train)
            self.epochs_done += 1
            reading = read(self.model, valid, self.plan.length)
            if writer is not None:
                self._report(writer, nats, reading, time.monotonic() - begun)
            self._keep(reading)
        if writer is not None:
            writer.close()

    def _epoch(self, train: list[Melody]) -> float:
        """One pass over this process's share; mean training loss in nats per note."""
        plan = self.plan
        torch.manual_seed(plan.seed * 1000 + self.epochs_done * self.world + self.rank)
        rng = np.random.default_rng([plan.seed, self.epochs_done, self.rank])
        batches = list(
            epoch(
                train[self.rank :: self.world], self.config.styles, rows=plan.rows,
                length=plan.length, rng=rng, balance=plan.balance, tag_dropout=plan.tag_dropout,
            )
        )  # fmt: skip
        steps = self._agree(len(batches))
        self.model.train()
        state, total = self.model.decoder.initial(plan.rows), 0.0
        quiet = self.rank > 0 or not sys.stderr.isatty()
        bar = tqdm(batches[:steps], desc=f"epoch {self.epochs_done + 1}", disable=quiet)
        for i, batch in enumerate(bar):
            batch = batch.to(self.device)  # noqa: PLW2901 - the same batch, elsewhere
            progress = (self.epochs_done + i / steps) / plan.epochs
            inputs = (batch.tokens, batch.previous, batch.position, batch.mask, batch.tags)
            noise = torch.randn(plan.rows, self.model.latent, device=self.device)
            losses = self.network(
                inputs, carried(state, batch), noise, plan.word_dropout, plan.dropout
            )
            state = losses.state
            loss = self._loss(losses, batch.mask, progress)
            self._step(loss, progress)
            total += float(loss.detach())
            bar.set_postfix(nats=f"{total / (i + 1):.3f}")
        return total / max(steps, 1)

    def _loss(self, losses: Losses, mask: Tensor, progress: float) -> Tensor:
        """Nats per note: reconstruction plus the weighted divergence beyond the free bits."""
        notes = mask.sum().clamp(min=1)
        rows = mask.any(0).sum().clamp(min=1)
        by_dimension = losses.kl.sum(0) / rows
        divergence = by_dimension.clamp(min=self.plan.free_bits).sum() * rows
        weight = min(progress / self.plan.annealing, 1.0)
        return (losses.nats.sum() + weight * divergence) / notes

    def _step(self, loss: Tensor, progress: float) -> None:
        warm = min(progress * self.plan.epochs * 2, 1.0)
        rate = self.plan.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()

    def _agree(self, batches: int) -> int:
        """The fewest batches any process has: all must take the same number of steps."""
        if self.world == 1:
            return batches
        count = torch.tensor(batches, device=self.device)
        distributed.all_reduce(count, distributed.ReduceOp.MIN)
        return int(count)

    def _keep(self, reading: Reading) -> None:
        improved = reading.elbo < self.best
        if improved:
            self.best, self.best_epoch = reading.elbo, self.epochs_done
        if self.rank > 0:
            return
        progress = {
            "epochs": self.epochs_done, "best": self.best, "best_epoch": self.best_epoch,
            "valid": dataclasses.asdict(reading),
        }  # fmt: skip
        state = checkpoint.Checkpoint(
            self.family, self.config, self.model.state_dict(),
            checkpoint.optimizer_state(self.optimiser), progress,
            plan=dataclasses.asdict(self.plan),
        )  # fmt: skip
        checkpoint.save(self.out / "last.npz", state)
        if improved:
            checkpoint.save(self.out / "best.npz", dataclasses.replace(state, optimizer={}))

    def _report(self, writer: SummaryWriter, nats: float, r: Reading, seconds: float) -> None:
        line = {
            "epoch": self.epochs_done, "train_nats": round(nats, 4), "valid_bits": round(r.elbo, 4),
            "reconstruction": round(r.reconstruction, 4), "kl": round(r.kl, 2),
            "heads": [round(h, 3) for h in r.heads], "seconds": round(seconds, 1),
        }  # fmt: skip
        print(json.dumps(line), flush=True)
        for name in ("train_nats", "valid_bits", "reconstruction", "kl"):
            writer.add_scalar(name, line[name], self.epochs_done)
        writer.flush()


def carried(state: Tensor, batch: Batch) -> Tensor:
    """The state a segment is trained from: zero where its row starts cold."""
    return torch.where(batch.cold[:, None], torch.zeros_like(state), state.detach())


def _device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.melody.train", description=__doc__)
    parser.add_argument("--model", choices=FAMILIES, default="vrash")
    parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    parser.add_argument(
        "--cell", choices=CELLS, default="rhn", help="the decoder's; rhn: the paper's"
    )
    parser.add_argument("--history", choices=HISTORIES, default="event", help="what it hears")
    for field in dataclasses.fields(MelodyConfig):
        if field.type == "int":
            flag = "--" + field.name.replace("_", "-")
            parser.add_argument(flag, type=int, default=field.default)
    for field in dataclasses.fields(Plan):
        if field.type in {"int", "float"}:
            flag = "--" + field.name.replace("_", "-")
            kind = int if field.type == "int" else float
            parser.add_argument(flag, type=kind, default=field.default)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Read the corpora, train, leave `best.npz`, `last.npz` and `logs/` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        melodies, reports = load(args["corpus"])
        name_broken(reports, sys.stderr)
        styles = tuple(dict.fromkeys(r.style for r in reports))
        sizes = {f.name: args[f.name] for f in dataclasses.fields(MelodyConfig) if f.name in args}
        config = MelodyConfig(styles, **sizes)
        plan = Plan(**{f.name: args[f.name] for f in dataclasses.fields(Plan) if f.name in args})
        train, valid = train_and_valid(melodies, int(os.environ.get("WORLD_SIZE", "1")))
        checkpoint.make_folder(args["out"])
        trainer = Trainer(args["model"], config, plan, args["out"])
        if args["resume"]:
            trainer.resume()
        trainer.fit(train, valid)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main())
