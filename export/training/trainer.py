"""How a model of frames that is played to in tunes is trained, epoch by epoch.

Chunks have the state carried over; each epoch moves the pieces into other keys, and in the last
part of the plan, while it settles, leaves them in their own. The epoch with the best reading of the
valid split is kept; the weights that are read and kept are an average over the last steps.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from export.training import checkpoint
from export.training.plan import Plan


class Chunk(Protocol):
    """What a batch of any such model has, beside what only its model knows: T frames, B rows."""

    @property
    def cold(self) -> Tensor:
        """[B] rows that begin a piece."""

    @property
    def mask(self) -> Tensor:
        """[T, B] frames that count."""


C = TypeVar("C", bound=Chunk)


class Course(ABC, Generic[C]):
    """One model, its optimiser and its progress through the epochs of a plan."""

    tokens = 1
    """Of a frame, where figures are means of tokens."""

    def __init__(self, family: str, model: nn.Module, plan: Plan, out: Path) -> None:
        self.family, self.model, self.plan, self.out = family, model, plan, out
        self.average = copy.deepcopy(model)
        self.optimiser = plan.made(model.parameters())
        self.epochs_done, self.best, self.best_epoch, self.steps = 0, math.inf, 0, 0

    @abstractmethod
    def chunks(self, reach: int, rng: np.random.Generator) -> Sequence[C]:
        """Of an epoch whose pieces move by at most so many semitones."""

    @abstractmethod
    def nats(self, chunk: C, state: Tensor) -> tuple[Tensor, Tensor]:
        """Minus log-probabilities [T, B, heads], 0 where padded, and the state after them."""

    @abstractmethod
    def reading(self) -> tuple[float, dict[str, Any]]:
        """The average on the valid split: what is to be small, and all that is worth telling."""

    def resume(self) -> None:
        """Go on from the last checkpoint in the output folder."""
        last = checkpoint.load_to_resume(self.out / "last.npz", self.family, self.model.config)
        self.model.load_state_dict(last.weights)
        self.average.load_state_dict(last.average)
        checkpoint.restore_optimizer(self.optimiser, last.optimizer)
        self.epochs_done, self.steps = last.progress["epochs"], last.progress["steps"]
        self.best, self.best_epoch = last.progress["best"], last.progress["best_epoch"]

    def fit(self) -> None:
        """Train to the end of the plan or to the early stop; checkpoint after each epoch."""
        begun = last = time.monotonic()
        while self.epochs_done < min(self.plan.epochs, self.best_epoch + self.plan.patience):
            settled = self.epochs_done >= (1 - self.plan.settling) * self.plan.epochs
            nats = self._epoch(0 if settled else self.plan.transpose)
            self.epochs_done += 1
            figure, facts = self.reading()
            begun_epoch, last = last, time.monotonic()
            line = {"epoch": self.epochs_done, "train_nats": round(nats, 4), **facts}
            print(json.dumps({**line, "seconds": round(last - begun_epoch, 1)}), flush=True)
            self._keep(figure, facts)
            if self.plan.minutes and last - begun > 60 * self.plan.minutes:
                return

    def _epoch(self, reach: int) -> float:
        """One pass over the pieces; nats a token."""
        plan = self.plan
        torch.manual_seed(plan.seed * 1000 + self.epochs_done)
        chunks = self.chunks(reach, np.random.default_rng([plan.seed, self.epochs_done]))
        self.model.train()
        state, total, count = self.model.initial(plan.rows), 0.0, 0
        bar = tqdm(chunks, desc=f"epoch {self.epochs_done + 1}", disable=not sys.stderr.isatty())
        for i, chunk in enumerate(bar):
            nats, state = self.nats(chunk, torch.where(chunk.cold[:, None], 0.0, state.detach()))
            # At least a quarter of the batch: its end is thin.
            frames = max(int(chunk.mask.sum()), chunk.mask.numel() // 4)
            self._step(nats.sum() / (self.tokens * frames), self.epochs_done + i / len(chunks))
            total += float(nats.detach().sum())
            count += self.tokens * int(chunk.mask.sum())
        return total / count

    def _step(self, loss: Tensor, epoch: float) -> None:
        plan = self.plan
        falling = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * epoch / plan.epochs))
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate * min(epoch / 0.5, 1.0) * falling
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), plan.clip or math.inf)
        self.optimiser.step()
        self.steps += 1
        kept = min(plan.average, self.steps / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1 - kept)

    def _keep(self, figure: float, facts: dict[str, Any]) -> None:
        improved = figure < self.best
        if improved:
            self.best, self.best_epoch = figure, self.epochs_done
        progress: dict[str, Any] = {
            "epochs": self.epochs_done, "steps": self.steps, "best": self.best,
            "best_epoch": self.best_epoch, "valid": facts,
        }  # fmt: skip
        averaged = self.average.state_dict()
        last = checkpoint.Checkpoint(
            self.family, self.model.config, self.model.state_dict(),
            checkpoint.optimizer_state(self.optimiser), progress, averaged,
            dataclasses.asdict(self.plan),
        )  # fmt: skip
        checkpoint.save(self.out / "last.npz", last)
        if improved:
            best = dataclasses.replace(last, weights=averaged, optimizer={}, average={})
            checkpoint.save(self.out / "best.npz", best)


def add_flags(parser: argparse.ArgumentParser, *holders: Any) -> None:
    """A flag for each field of these dataclasses, with its value as the default."""
    for holder in holders:
        for field in dataclasses.fields(holder):
            value = getattr(holder, field.name)
            flag, choices = "--" + field.name.replace("_", "-"), field.metadata.get("choices")
            parser.add_argument(flag, type=type(value), default=value, choices=choices)


def taken(holder: Any, args: dict[str, Any]) -> Any:
    """The dataclass with what the flags said."""
    names = {field.name for field in dataclasses.fields(holder)}
    return dataclasses.replace(holder, **{name: args[name] for name in names})
