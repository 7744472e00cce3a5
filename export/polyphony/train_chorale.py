"""Train the chorale model: `python -m export.polyphony.train_chorale --satb PATH --out runs/x`.

Each epoch plays every chorale of the train split once, in chunks with the state carried over: in a
random key that suits voices, and in the last part of the plan, while it settles, in its own. The
epoch with the best likelihood of the valid split, measured without tags, is kept; the weights that
are measured and kept are an average over the last steps.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from export import checkpoint
from export.corpus.satb import Frames, held_out, read_satb
from export.models.polyphony.chorale import CELLS, Chorale, ChoraleConfig
from export.polyphony.chorale_nats import Nats, measured
from export.polyphony.chorales import ChoraleBatch, Corpus, chunked, score_of, untagged
from export.polyphony.plan import Plan
from stream.errors import StreamError

FAMILY = "chorale"
DEFAULTS = Plan(
    epochs=50, rows=16, length=64, rate=3e-3, decay=0.02, average=0.995, transpose=5, patience=30
)


class Trainer:
    """One model, its optimiser and its progress."""

    def __init__(self, config: ChoraleConfig, plan: Plan, out: Path) -> None:
        torch.manual_seed(plan.seed)
        self.config, self.plan, self.out = config, plan, out
        self.model = Chorale(config)
        self.average = copy.deepcopy(self.model)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98)
        )
        self.epochs_done, self.best, self.best_epoch, self.steps = 0, math.inf, 0, 0

    def resume(self) -> None:
        """Go on from the last checkpoint in the output folder."""
        last = checkpoint.begun(self.out / "last.npz", FAMILY, self.config)
        self.model.load_state_dict(last.weights)
        self.average.load_state_dict(last.average)
        checkpoint.restore_optimiser(self.optimiser, last.optimiser)
        self.epochs_done, self.steps = last.progress["epochs"], last.progress["steps"]
        self.best, self.best_epoch = last.progress["best"], last.progress["best_epoch"]

    def fit(self, train: list[Frames], valid: list[Frames]) -> None:
        """Train to the end of the plan or to the early stop; checkpoint after each epoch."""
        corpora = {reach: Corpus(train, reach) for reach in (self.plan.transpose, 0)}
        scores = [untagged(score_of(c)) for c in valid]
        begun = last = time.monotonic()
        while self.epochs_done < min(self.plan.epochs, self.best_epoch + self.plan.patience):
            settled = self.epochs_done >= (1 - self.plan.settling) * self.plan.epochs
            nats = self._epoch(corpora[0 if settled else self.plan.transpose])
            self.epochs_done += 1
            reading = measured(self.average, scores)
            begun_epoch, last = last, time.monotonic()
            self._report(nats, reading, last - begun_epoch)
            self._keep(reading)
            if self.plan.minutes and last - begun > 60 * self.plan.minutes:
                return

    def _epoch(self, corpus: Corpus) -> float:
        plan = self.plan
        torch.manual_seed(plan.seed * 1000 + self.epochs_done)
        rng = np.random.default_rng([plan.seed, self.epochs_done])
        batches = list(chunked(corpus.drawn(rng), plan.rows, plan.length))
        self.model.train()
        state, total, frames = self.model.initial(plan.rows), 0.0, 0
        bar = tqdm(batches, desc=f"epoch {self.epochs_done + 1}", disable=not sys.stderr.isatty())
        for i, batch in enumerate(bar):
            state = torch.where(batch.cold[:, None], 0.0, state.detach())
            nats, state = self.model.nats(batch.frames, batch.past, batch.tags, batch.mask, state)
            self._step(nats.sum() / self._size(batch), (self.epochs_done + i / len(batches)))
            total += float(nats.detach().sum())
            frames += int(batch.mask.sum())
            bar.set_postfix(nats=f"{total / frames / 4:.4f}")
        return total / frames / 4

    @staticmethod
    def _size(batch: ChoraleBatch) -> int:
        return 4 * max(int(batch.mask.sum()), batch.mask.numel() // 4)

    def _step(self, loss: torch.Tensor, epoch: float) -> None:
        plan = self.plan
        done = epoch / plan.epochs
        scale = min(epoch / 0.5, 1.0) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate * scale
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        kept = min(plan.average, self.steps / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1 - kept)

    def _report(self, nats: float, reading: Nats, seconds: float) -> None:
        line = {
            "epoch": self.epochs_done, "train_nats": round(nats, 4),
            "valid_nats": round(reading.token, 4),
            "parts": [round(p, 4) for p in reading.parts], "seconds": round(seconds, 1),
        }  # fmt: skip
        print(json.dumps(line), flush=True)

    def _keep(self, reading: Nats) -> None:
        improved = reading.token < self.best
        if improved:
            self.best, self.best_epoch = reading.token, self.epochs_done
        progress: dict[str, Any] = {
            "epochs": self.epochs_done, "steps": self.steps, "best": self.best,
            "best_epoch": self.best_epoch, "plan": dataclasses.asdict(self.plan),
            "valid": {"nats_per_token": reading.token, "parts": reading.parts},
        }  # fmt: skip
        averaged = self.average.state_dict()
        last = checkpoint.Checkpoint(
            FAMILY, self.config, self.model.state_dict(),
            checkpoint.optimiser_state(self.optimiser), progress, averaged,
        )  # fmt: skip
        checkpoint.save(self.out / "last.npz", last)
        if improved:
            best = dataclasses.replace(last, weights=averaged, optimiser={}, average={})
            checkpoint.save(self.out / "best.npz", best)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export.polyphony.train_chorale", description=__doc__
    )
    parser.add_argument("--satb", type=Path, required=True, metavar="PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    for holder in (ChoraleConfig(), DEFAULTS):
        for name, value in dataclasses.asdict(holder).items():
            choices = CELLS if name == "cell" else None
            flag = "--" + name.replace("_", "-")
            parser.add_argument(flag, type=type(value), default=value, choices=choices)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    try:
        config = ChoraleConfig(**{f.name: args[f.name] for f in dataclasses.fields(ChoraleConfig)})
        plan = Plan(**{f.name: args[f.name] for f in dataclasses.fields(Plan)})
        chorales = read_satb(args["satb"])
        valid = held_out(chorales, "valid")
        checkpoint.make_folder(args["out"])
        trainer = Trainer(config, plan, args["out"])
        if args["resume"]:
            trainer.resume()
        trainer.fit(chorales["train"], valid)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
