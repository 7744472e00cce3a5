"""The trainer: it trains the model of a task by a plan, epoch by epoch.

Gradient descent with a cosine schedule, a limit on the norm of the gradient, averaged weights
(Polyak & Juditsky 1992), validation, early stop, and checkpoints of the best and the last epoch.
Random numbers are seeded anew at each epoch, so a resumed run equals one that was never stopped.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Task, Validation
from stream.errors import SettingsError

B = TypeVar("B")
Line = dict[str, Any]


def printed(line: Line) -> None:
    """Print the line of an epoch as JSON, its figures rounded."""
    print(json.dumps({name: _rounded(value) for name, value in line.items()}), flush=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


class Trainer(Generic[B]):
    """Training of one task: the model, its optimizer and the progress through the plan."""

    def __init__(
        self,
        task: Task[B],
        plan: Plan,
        out: Path | None = None,
        corpora: Sequence[str] = (),
        report: Callable[[Line], None] = printed,
    ) -> None:
        self.task, self.plan, self.out, self.corpora = task, plan, out, tuple(corpora)
        self.report, self.model = report, task.model
        self.averaged = copy.deepcopy(task.model) if plan.average else task.model
        """Model that is validated and kept as the best."""
        self.optimizer = plan.optimizer_of(task.parameters())
        self.epochs_done, self.steps, self.best_epoch = 0, 0, 0
        self.best, self.seconds = math.inf, 0.0
        self.best_weights: dict[str, Tensor] = {}
        self.curve: list[float] = []
        """Mean training loss of each epoch."""

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Start from the weights of another run. Raises `SettingsError` where they do not fit."""
        try:
            self.model.load_state_dict(weights)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise SettingsError(f"--begin-with: its weights do not fit ({reason})") from error
        self.averaged.load_state_dict(weights)

    def resume(self) -> None:
        """Continue from the last checkpoint in the output folder."""
        if self.out is None:
            raise SettingsError("--resume: give --out, the folder of the run to resume")
        last = checkpoint.load_to_resume(
            self.out / "last.npz", self.task.kind, self.model.config
        )  # fmt: skip
        self.model.load_state_dict(last.weights)
        self.averaged.load_state_dict(last.average or last.weights)
        checkpoint.restore_optimizer(self.optimizer, last.optimizer)
        progress = last.progress
        self.epochs_done, self.best = progress["epochs"], progress["best"]
        self.best_epoch = progress["best_epoch"]
        # Checkpoints of older programs count neither steps nor seconds.
        self.steps, self.seconds = progress.get("steps", 10**6), progress.get("seconds", 0.0)
        self.curve = progress.get("curve", [])

    @property
    def progress(self) -> float:
        """Share of the plan that is done, by epochs or by time, whichever is greater."""
        return min(max(self.epochs_done / self.plan.epochs, self._share_of_time(0.0)), 1.0)

    @property
    def done(self) -> bool:
        """True if the plan is done, or nothing has improved for as long as it allows."""
        return self.progress >= 1 or self.epochs_done - self.best_epoch >= self.plan.patience

    def fit(self) -> None:
        """Train to the end of the plan or to the early stop, with a checkpoint after each epoch."""
        while not self.done:
            begun = time.monotonic()
            self.curve.append(self._epoch())
            self.epochs_done += 1
            found = None
            if self.plan.validates(self.epochs_done):
                self.averaged.eval()
                found = self.task.validate(self.averaged, self.curve)
            seconds = time.monotonic() - begun
            self.seconds += seconds
            self._finish_epoch(found, seconds)

    def _epoch(self) -> float:
        """Pass once over the training set; return the mean loss."""
        task, seed = self.task, self.plan.seed
        torch.manual_seed(seed * 1000 + self.epochs_done * task.world + task.rank)
        rng = np.random.default_rng([seed, self.epochs_done, task.rank])
        begun, start = time.monotonic(), self.progress
        rest = max((self.epochs_done + 1) / self.plan.epochs, start) - start
        size, batches = task.batches(Epoch(rng, start))
        state, total, count = None, 0.0, 0
        self.model.train()
        quiet = task.rank > 0 or not sys.stderr.isatty()
        label = f"epoch {self.epochs_done + 1}"
        with tqdm(total=size, desc=label, leave=False, disable=quiet) as bar:
            for content in batches:
                timed = self._share_of_time(time.monotonic() - begun)
                share = min(count / size, 1.0)
                now = min(max(start + rest * share, timed), 1.0)
                loss = task.loss(Batch(content, state, now))
                self._step(loss.mean, now, self.epochs_done + share)
                state, total, count = loss.state, total + loss.total, count + loss.count
                bar.update(loss.count)
                if timed >= 1:
                    break
        return total / max(count, 1)

    def _share_of_time(self, more: float) -> float:
        minutes = (self.seconds + more) / 60
        return minutes / self.plan.minutes if self.plan.minutes else 0.0

    def _step(self, loss: Tensor, progress: float, epochs: float) -> None:
        if not loss.isfinite():
            raise SettingsError(
                f"--rate {self.plan.rate:g}: the loss is no longer a number "
                f"in epoch {self.epochs_done + 1}; give a lower rate"
            )
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(progress, epochs)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        trained = [p for group in self.optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(trained, self.plan.clip or math.inf)
        self.optimizer.step()
        self.steps += 1
        if self.plan.average:
            self._average()

    @torch.no_grad()
    def _average(self) -> None:
        """Move the averaged weights: mean = share mean + (1 - share) weights."""
        share = self.plan.average_at(self.steps)
        pairs = zip(self.averaged.parameters(), self.model.parameters(), strict=True)
        for mean, value in pairs:
            mean.lerp_(value, 1 - share)

    def _finish_epoch(self, found: Validation | None, seconds: float) -> None:
        """Save the checkpoints and report the epoch."""
        improved = found is not None and (
            not self.best_epoch or self.task.better(found.figure, self.best)
        )
        if found is not None and improved:
            self.best, self.best_epoch = found.figure, self.epochs_done
            weights = self.averaged.state_dict().items()
            self.best_weights = {name: value.detach().clone() for name, value in weights}
        if self.task.rank > 0:
            return
        if self.out is not None:
            last = self._checkpoint({} if found is None else found.facts)
            checkpoint.save(self.out / "last.npz", last)
            if improved:
                best = dataclasses.replace(
                    last, weights=self.best_weights, optimizer={}, average={}
                )  # fmt: skip
                checkpoint.save(self.out / "best.npz", best)
        self.report({
            "epoch": self.epochs_done, "train_nats": self.curve[-1],
            **({} if found is None else found.line),
            "best": self.best if self.best_epoch else None, "seconds": seconds,
        })  # fmt: skip

    def _checkpoint(self, facts: dict[str, Any]) -> Checkpoint:
        """Return all that is needed to resume."""
        progress = {
            "epochs": self.epochs_done, "steps": self.steps, "best": self.best,
            "best_epoch": self.best_epoch, "seconds": self.seconds, "curve": self.curve,
            "valid": facts,
        }  # fmt: skip
        return Checkpoint(
            self.task.kind, self.model.config, self.model.state_dict(),
            checkpoint.optimizer_state(self.optimizer), progress,
            self.averaged.state_dict() if self.plan.average else {},
            dataclasses.asdict(self.plan), self.corpora,
        )  # fmt: skip

    def best_checkpoint(self) -> Checkpoint:
        """Return the weights of the best epoch of this run."""
        return dataclasses.replace(
            self._checkpoint({}), weights=self.best_weights, optimizer={}, average={}
        )


def trained_by(
    task: Task[Any], plan: Plan, after: Callable[[int, float], None] | None = None
) -> Any:
    """Train without files; return the averaged model of the last epoch, in evaluation mode.

    `after` gets the epochs done and the mean loss of the last one.
    """

    def report(line: Line) -> None:
        if after is not None:
            after(line["epoch"], line["train_nats"])

    trainer = Trainer(task, plan, report=report)
    trainer.fit()
    return trainer.averaged.eval()
