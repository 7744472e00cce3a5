"""Train our model: `python -m export.wave.train_partials STYLE=FOLDER … --out runs/wave/wave.npz`.

Each FOLDER holds WAV files of one style; 80 % of them train it. The epoch that finds the dev pieces
likeliest is kept.
"""

from __future__ import annotations

import argparse
import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from export.command_line import run
from export.models.wave.partial_rnn import PartialConfig, PartialRNN
from export.training.checkpoint import Checkpoint
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task, Validation
from export.training.trainer import Trainer
from export.wave import audio
from export.wave.partials import Grid, analyze
from export.wave.train_blocks import finish
from stream.errors import SettingsError

STEPS = 64
"""Frames of a stretch that the error is carried back through: 3 s. The state is carried on."""
OWN = 0.5
"""Share of the frames that are the model's own when it learns to go on from what it has made
(scheduled sampling, Bengio et al. 2015; drawn for all frames at once from the real ones)."""


@dataclass(frozen=True, slots=True)
class PartialPlan(Plan):
    """Training plan of our model: no early stop."""

    epochs: int = 40
    rows: int = 16
    """Stretches of an update."""
    rate: float = 2e-3
    decay: float = 0.0
    clip: float = 100.0
    patience: int = 1_000_000
    warm_up: float = 4.0
    last_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Levels of the pieces of one style."""

    train: tuple[Tensor, ...]
    dev: tuple[Tensor, ...]


def frames_of(found: audio.Corpus, grid: Grid) -> Frames:
    """Return levels [T, F] of each piece."""

    def all_of(pieces: Sequence[audio.Piece]) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(analyze(piece.samples, grid)) for piece in pieces)

    return Frames(all_of(found.train), all_of(found.dev))


class PartialTask(Task[tuple[Tensor, Tensor]]):
    """Our model and the levels of all pieces; a style counts as much as another."""

    kind = "partial"
    better = staticmethod(operator.gt)
    model: PartialRNN

    def __init__(
        self, styles: Mapping[str, Frames], grid: Grid, plan: PartialPlan, hidden: int
    ) -> None:
        torch.manual_seed(plan.seed)
        config = PartialConfig(grid.features, tuple(styles), hidden, rate=grid.rate, hop=grid.hop)
        self.model, self._styles = PartialRNN(config), styles
        self._updates = max(_frames(styles) // (STEPS * plan.rows), 1)
        self._streams = Streams(styles, plan.rows, np.random.default_rng(plan.seed))
        self._state = self.model.initial(plan.rows)

    def batches(self, _epoch: Epoch) -> tuple[float, Iterator[tuple[Tensor, Tensor]]]:
        """Return an epoch's stretches; the streams go on through all epochs."""
        return self._updates, (self._streams.next() for _ in range(self._updates))

    def loss(self, batch: Batch[tuple[Tensor, Tensor]]) -> Loss:
        mean, self._state = _loss(self.model, *batch.content, self._state)
        return Loss(mean, float(mean.detach()), 1)

    def validate(self, model: PartialRNN, _curve: list[float]) -> Validation:
        """Return nats per frame of the dev pieces."""
        return Validation(dev_nats(model, self._styles))


def train(
    styles: Mapping[str, Frames], grid: Grid, plan: PartialPlan, hidden: int = 192
) -> Checkpoint:
    """Train; return the epoch with the greatest likelihood of the dev pieces."""
    trainer = Trainer(PartialTask(styles, grid, plan, hidden), plan, report=lambda _: None)
    trainer.fit()
    return trainer.best_checkpoint()


def _loss(model: PartialRNN, x: Tensor, style: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Return nats per frame of `x` [T + 1, B, F], and the state after it.

    A share of the frames that it reads are its own.
    """
    with torch.no_grad():
        center, logits, _ = model(x[:-1], style, state)
        uniform = torch.rand(*logits.shape[:2], 1)
        own = model.drawn(center, logits, torch.tensor(1.0), uniform)
        # The model's own frame, made from frame t - 1, is read at t.
        own = torch.where(torch.rand(*own.shape[:2], 1) < OWN, own, x[1:])
        given = torch.cat([x[:1], own[:-1]])
    center, logits, state = model(given, style, state)
    return -model.log_likelihood(center, logits, x[1:]).mean(), state.detach()


class Streams:
    """Rows of music: stretch after stretch of a piece, then of another one."""

    def __init__(self, styles: Mapping[str, Frames], rows: int, rng: np.random.Generator) -> None:
        self._styles, self._rng = list(styles.values()), rng
        self._rows = [self._opened() for _ in range(rows)]

    def _opened(self) -> tuple[int, Tensor, int]:
        """Return a style, one of its pieces, and where to begin."""
        kind = int(self._rng.integers(len(self._styles)))
        pieces = self._styles[kind].train
        piece = pieces[int(self._rng.integers(len(pieces)))]
        return kind, piece, int(self._rng.integers(STEPS))

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next `STEPS + 1` frames of each row [T + 1, B, F], and their styles [B, S]."""
        cut = []
        for i, (_, piece, start) in enumerate(self._rows):
            while start + STEPS + 1 > len(piece):
                self._rows[i] = _, piece, start = self._opened()  # noqa: PLW2901 - another piece
            cut.append(piece[start : start + STEPS + 1])
            self._rows[i] = (self._rows[i][0], piece, start + STEPS)
        kinds = torch.tensor([kind for kind, _, _ in self._rows])
        return torch.stack(cut, dim=1), torch.eye(len(self._styles))[kinds]


def _frames(styles: Mapping[str, Frames]) -> int:
    return sum(len(piece) for style in styles.values() for piece in style.train)


@torch.no_grad()
def dev_nats(model: PartialRNN, styles: Mapping[str, Frames]) -> float:
    """Return nats per frame of the dev pieces; a style counts as much as another."""
    means = []
    for i, style in enumerate(styles.values()):
        tag = torch.eye(len(styles))[i : i + 1]
        nats = []
        for x in style.dev:
            center, logits, _ = model(x[:-1, None], tag, model.initial(1))
            nats.append(model.log_likelihood(center, logits, x[1:, None]))
        means.append(torch.cat(nats).mean())
    return float(torch.stack(means).mean())


def named(arguments: Sequence[str]) -> dict[str, Path]:
    """Return folders by style from `STYLE=FOLDER`. Raises `SettingsError`."""
    pairs = [argument.partition("=") for argument in arguments]
    for name, equals, folder in pairs:
        if not (name and equals and folder):
            raise SettingsError(f"{name}{equals}{folder}: give STYLE=FOLDER")
    return {name: Path(folder) for name, _, folder in pairs}


def main(argv: list[str] | None = None) -> int:
    """Write the checkpoint, and one line of JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m export.wave.train_partials", description=__doc__
    )
    parser.add_argument("corpora", nargs="+", metavar="STYLE=FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--hidden", type=int, default=192, metavar="N")
    parser.add_argument("--epochs", type=int, default=40, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    args = parser.parse_args(argv)

    def work() -> None:
        grid = Grid()
        corpora = {n: audio.read_folder(f, grid.rate) for n, f in named(args.corpora).items()}
        styles = {name: frames_of(found, grid) for name, found in corpora.items()}
        plan = PartialPlan(epochs=args.epochs, warm_up=args.epochs / 10, seed=args.seed)
        skipped = [reason for found in corpora.values() for reason in found.skipped]
        finish(args.out, train(styles, grid, plan, args.hidden), skipped)

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
