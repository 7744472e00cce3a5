"""Train a model of frames: `python -m export.rolls.train --model NAME --set X=PATH --out DIR`.

Every option of the model's family is a flag (`--model NAME --help`). The folder is left with
`best.npz` (the epoch whose monitor was highest on the validation splits) and `last.npz`.
"""

from __future__ import annotations

import argparse
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
from torch import Tensor
from tqdm import tqdm

from export.corpus.rolls import RollSet, load_rolls
from export.models.polyphony.family import FAMILIES, build
from export.models.polyphony.frame_model import FrameConfig
from export.rolls.batches import Piece, chunked, shuffled
from export.rolls.evaluate import from_state, share_of_keys, watched
from export.training import checkpoint
from export.training.kinds import FRAMES
from export.training.plan import Plan
from stream.errors import SettingsError, StreamError


class Trainer:
    """One model, its optimiser and its progress through the epochs of a plan."""

    def __init__(self, family: str, config: FrameConfig, plan: Plan, out: Path) -> None:
        torch.manual_seed(plan.seed)
        self.family, self.config, self.plan, self.out = family, config, plan, out
        self.model = build(family, config)
        self.watched = build(family, config) if plan.average else self.model
        """What is validated and kept as the best: the averaged weights, where there are any."""
        self.watched.load_state_dict(self.model.state_dict())
        self.optimiser = plan.made(self.model.parameters())
        self.epochs_done, self.best, self.best_epoch, self.seconds = 0, -math.inf, 0, 0.0

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Start from the weights of another run, as one fine-tunes."""
        weights = self.model.completed(weights)
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise SettingsError(f"--begin-with: its weights do not fit ({reason})") from error
        self.watched.load_state_dict(weights)

    def resume(self) -> None:
        """Go on from the last checkpoint in the output folder."""
        last = checkpoint.load_to_resume(self.out / "last.npz", self.family, self.config)
        self.model.load_state_dict(last.weights)
        self.watched.load_state_dict(last.average or last.weights)
        checkpoint.restore_optimizer(self.optimiser, last.optimizer)
        progress = last.progress
        self.epochs_done, self.seconds = progress["epochs"], progress["seconds"]
        self.best, self.best_epoch = progress["best"], progress["best_epoch"]

    @property
    def progress(self) -> float:
        """Share of the plan that is fulfilled, by epochs or by time, whichever is farther."""
        minutes = self.seconds / 60 / self.plan.minutes if self.plan.minutes else 0.0
        return min(max(self.epochs_done / self.plan.epochs, minutes), 1.0)

    @property
    def done(self) -> bool:
        """The plan is fulfilled, or nothing has improved for as long as it allows."""
        return self.progress >= 1 or self.epochs_done - self.best_epoch >= self.plan.patience

    def fit(self, sets: Sequence[RollSet]) -> None:
        """Train to the end of the plan or to the early stop; checkpoint after each epoch."""
        pieces = [Piece(roll, i) for i, found in enumerate(sets) for roll in found.train]
        while not self.done:
            begun = time.monotonic()
            nats = self._epoch(pieces)
            self.epochs_done += 1
            validates = self.plan.validates(self.epochs_done)
            figures = watched(self.watched, sets) if validates else {}
            self.seconds += time.monotonic() - begun
            self._keep(nats, figures)

    def _epoch(self, pieces: Sequence[Piece]) -> float:
        """One pass over the pieces; the mean objective of a frame."""
        plan, frames, total = self.plan, 0, 0.0
        torch.manual_seed(plan.seed * 1000 + self.epochs_done)
        rng = np.random.default_rng([plan.seed, self.epochs_done])
        settled = self.progress >= 1 - plan.settling
        order = shuffled(pieces, rng, 0 if settled else plan.transpose)
        rows = min(plan.rows, len(pieces))
        every = sum(len(piece.roll) for piece in pieces)
        batches = chunked(
            order, rows=rows, length=plan.length, sets=len(self.config.sets), least=rows // 2
        )
        begun, share = time.monotonic(), self.progress
        ending = max((self.epochs_done + 1) / plan.epochs, share) - share
        state = None
        self.model.train()
        with tqdm(
            total=every, unit="frame", desc=f"epoch {self.epochs_done + 1}", leave=False,
            disable=not sys.stderr.isatty(),
        ) as bar:  # fmt: skip
            for batch in batches:
                loss, state = self.model.loss(
                    batch.v, batch.mask, from_state(self.model, batch, state)
                )
                count = int(batch.mask.sum())
                timed = self._share_of_time(time.monotonic() - begun)
                now = max(share + ending * frames / every, timed)
                self._step(loss / count, now, self.epochs_done + frames / every)
                frames, total = frames + count, total + float(loss.detach())
                bar.update(count)
                bar.set_postfix(nats=f"{total / frames:.3f}")
                if timed >= 1:
                    break
        return total / frames

    def _share_of_time(self, seconds: float) -> float:
        return (self.seconds + seconds) / 60 / self.plan.minutes if self.plan.minutes else 0.0

    def _step(self, loss: Tensor, progress: float, epochs: float) -> None:
        if not loss.isfinite():
            raise SettingsError(
                f"--rate {self.plan.rate:g}: the loss is no longer a number "
                f"in epoch {self.epochs_done + 1}; give a lower rate"
            )
        warm = min(0.02 + 2 * epochs, 1.0)
        falling = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * warm * falling
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip or math.inf)
        self.optimiser.step()
        if self.plan.average:
            with torch.no_grad():
                kept = min(self.plan.average, 1 - 1 / (1 + 10 * epochs))
                for mean, new in zip(
                    self.watched.parameters(), self.model.parameters(), strict=True
                ):
                    mean.lerp_(new, 1 - kept)

    def _keep(self, nats: float, figures: dict[str, float]) -> None:
        figure = sum(figures.values()) / len(figures) if figures else -math.inf
        improved = figure > self.best
        if improved:
            self.best, self.best_epoch = figure, self.epochs_done
        progress = {
            "epochs": self.epochs_done, "best": self.best, "best_epoch": self.best_epoch,
            "seconds": self.seconds, "valid": figures,
        }  # fmt: skip
        state = checkpoint.Checkpoint(
            self.family, self.config, self.model.state_dict(),
            checkpoint.optimizer_state(self.optimiser), progress,
            self.watched.state_dict() if self.plan.average else {},
            dataclasses.asdict(self.plan),
        )  # fmt: skip
        checkpoint.save(self.out / "last.npz", state)
        if improved:
            best = dataclasses.replace(
                state, weights=self.watched.state_dict(), optimizer={}, average={}
            )
            checkpoint.save(self.out / "best.npz", best)
        line = {
            "epoch": self.epochs_done, "seconds": round(self.seconds, 1),
            "objective": round(nats, 4), "best": round(self.best, 4) if self.best_epoch else None,
            "valid": {name: round(value, 4) for name, value in figures.items()},
        }  # fmt: skip
        print(json.dumps(line), flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export.rolls.train", description=__doc__, add_help=False
    )
    parser.add_argument("--model", choices=FAMILIES, default="note-list")
    return parser


def _all_arguments(config: type[FrameConfig]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(parents=[_arguments()], description=__doc__)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on from DIR/last.npz")
    parser.add_argument("--begin-with", type=Path, metavar="CHECKPOINT.npz", help="fine-tune it")
    for part in (config, Plan):
        for field in dataclasses.fields(part):
            if field.name != "sets":
                _add_flag(parser, field)
    return parser


def _add_flag(parser: argparse.ArgumentParser, field: dataclasses.Field[Any]) -> None:
    flag = "--" + field.name.replace("_", "-")
    if field.type == "bool":
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default)
    else:
        kind = {"int": int, "float": float, "str": str}[str(field.type)]
        choices = field.metadata.get("choices")
        parser.add_argument(flag, type=kind, default=field.default, choices=choices)


def _taken(kind: type[Any], args: dict[str, Any], **more: Any) -> Any:
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in args.items() if name in names} | more)


def main(argv: list[str] | None = None) -> int:
    """Read the sets, train, leave `best.npz` and `last.npz` in the output folder."""
    family = _arguments().parse_known_args(argv)[0].model
    kind = FAMILIES[family].Config
    args = vars(_all_arguments(kind).parse_args(argv))
    try:
        sets = load_rolls(args["sets"])
        config = _taken(kind, args, sets=tuple(found.name for found in sets))
        trainer = Trainer(family, config, _taken(Plan, args), args["out"])
        checkpoint.make_folder(args["out"])
        if args["resume"]:
            trainer.resume()
        elif args["begin_with"]:
            trainer.begin_with(checkpoint.load_model(args["begin_with"], FRAMES)[1].state_dict())
        else:
            trainer.model.set_marginals(share_of_keys(sets))
        trainer.fit(sets)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
