"""Train the model of lead sheets: `python -m export.lead.train_session --sheets PATH --out runs/x`.

Each epoch plays every sheet of the train split once, in chunks with the state carried over: in a
random key, and in the last part of the plan, while it settles, in its own. The epoch with the best
likelihood of the valid split, measured without style and closing, is kept; the weights that are
measured and kept are an average over the last steps.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from export import checkpoint
from export.lead.lead_sheet import Sheet, read_sheets
from export.lead.sheet_batches import Batch, Figures, chunked, drawn, measured, score_of, untold
from export.models.lead.lead_sheet import LeadSheet, LeadSheetConfig
from export.polyphony.plan import Plan
from stream.errors import StreamError

FAMILY = "lead-sheet"
DEFAULTS = Plan(
    epochs=60, rows=16, length=64, rate=3e-3, decay=0.02, average=0.99, transpose=6, patience=25
)


class Trainer:
    """One model, its optimiser and its progress."""

    def __init__(self, config: LeadSheetConfig, plan: Plan, out: Path) -> None:
        torch.manual_seed(plan.seed)
        self.config, self.plan, self.out = config, plan, out
        self.model = LeadSheet(config)
        self.average = copy.deepcopy(self.model)
        self.optimiser = plan.made(self.model.parameters())
        self.epochs_done, self.best, self.best_epoch, self.steps = 0, math.inf, 0, 0

    def resume(self) -> None:
        """Go on from the last checkpoint in the output folder."""
        last = checkpoint.begun(self.out / "last.npz", FAMILY, self.config)
        self.model.load_state_dict(last.weights)
        self.average.load_state_dict(last.average)
        checkpoint.restore_optimiser(self.optimiser, last.optimiser)
        self.epochs_done, self.steps = last.progress["epochs"], last.progress["steps"]
        self.best, self.best_epoch = last.progress["best"], last.progress["best_epoch"]

    def fit(self, train: Sequence[Sheet], valid: Sequence[Sheet]) -> None:
        """Train to the end of the plan or to the early stop; checkpoint after each epoch."""
        scores = [untold(score_of(sheet)) for sheet in valid]
        begun = last = time.monotonic()
        while self.epochs_done < min(self.plan.epochs, self.best_epoch + self.plan.patience):
            settled = self.epochs_done >= (1 - self.plan.settling) * self.plan.epochs
            nats = self._epoch(train, 0 if settled else self.plan.transpose)
            self.epochs_done += 1
            reading = measured(self.average, scores)
            begun_epoch, last = last, time.monotonic()
            self._report(nats, reading, last - begun_epoch)
            self._keep(reading)
            if self.plan.minutes and last - begun > 60 * self.plan.minutes:
                return

    def _epoch(self, train: Sequence[Sheet], reach: int) -> float:
        plan = self.plan
        torch.manual_seed(plan.seed * 1000 + self.epochs_done)
        scores = drawn(train, reach, np.random.default_rng([plan.seed, self.epochs_done]))
        batches = list(chunked(scores, plan.rows, plan.length))
        self.model.train()
        state, total, frames = self.model.initial(plan.rows), 0.0, 0
        bar = tqdm(batches, desc=f"epoch {self.epochs_done + 1}", disable=not sys.stderr.isatty())
        for i, batch in enumerate(bar):
            state = torch.where(batch.cold[:, None], 0.0, state.detach())
            nats, state = self.model.nats(batch.frames, batch.known, batch.tags, batch.mask, state)
            self._step(nats.sum() / _size(batch), self.epochs_done + i / len(batches))
            total += float(nats.detach().sum())
            frames += int(batch.mask.sum())
        return total / frames

    def _step(self, loss: torch.Tensor, epoch: float) -> None:
        plan = self.plan
        done = epoch / plan.epochs
        scale = min(epoch / 0.5, 1.0) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate * scale
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), plan.clip)
        self.optimiser.step()
        self.steps += 1
        kept = min(plan.average, self.steps / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1 - kept)

    def _report(self, nats: float, reading: Figures, seconds: float) -> None:
        line = {"epoch": self.epochs_done, "train_nats": round(nats, 4)}
        line |= {k: round(v, 4) for k, v in dataclasses.asdict(reading).items()}
        print(json.dumps({**line, "seconds": round(seconds, 1)}), flush=True)

    def _keep(self, reading: Figures) -> None:
        improved = reading.nats < self.best
        if improved:
            self.best, self.best_epoch = reading.nats, self.epochs_done
        progress: dict[str, Any] = {
            "epochs": self.epochs_done, "steps": self.steps, "best": self.best,
            "best_epoch": self.best_epoch, "plan": dataclasses.asdict(self.plan),
            "valid": dataclasses.asdict(reading),
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


def _size(batch: Batch) -> int:
    """Frames that count, at least a quarter of the batch: its end is thin."""
    return max(int(batch.mask.sum()), batch.mask.numel() // 4)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export.lead.train_session", description=__doc__
    )
    parser.add_argument("--sheets", type=Path, required=True, metavar="PATH")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    for holder in (LeadSheetConfig(), DEFAULTS):
        for name, value in dataclasses.asdict(holder).items():
            flag = "--" + name.replace("_", "-")
            parser.add_argument(flag, type=type(value), default=value)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Read the archive, train, leave `best.npz` and `last.npz` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    try:
        config, plan = (
            kind(**{f.name: args[f.name] for f in dataclasses.fields(kind)})
            for kind in (LeadSheetConfig, Plan)
        )
        sheets = read_sheets(args["sheets"])
        checkpoint.make_folder(args["out"])
        trainer = Trainer(config, plan, args["out"])
        if args["resume"]:
            trainer.resume()
        trainer.fit(sheets["train"], sheets["valid"])
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
