"""Train our model: `python -m export.wave.train_partials STYLE=FOLDER … --out runs/wave/wave.npz`.

Each FOLDER holds WAV files of one style; 80 % of them train it. The epoch that finds the dev pieces
likeliest is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.models.wave.partial_rnn import PartialConfig, PartialRNN
from export.wave import audio, store
from export.wave.partials import Grid, analyse
from stream.errors import SettingsError, StreamError

STEPS = 128
"""Frames of a stretch that the error is carried back through: 3 s."""
DITHER = 0.02
"""Standard deviation of what is added to the levels that the model hears, not to what it predicts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how to train."""

    epochs: int = 40
    rows: int = 16
    """Stretches of an update."""
    rate: float = 2e-3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Frames:
    """Levels of the pieces of one style."""

    train: tuple[Tensor, ...]
    dev: tuple[Tensor, ...]


def frames_of(found: audio.Corpus, grid: Grid) -> Frames:
    """Levels [T, F] of each piece."""

    def all_of(pieces: Sequence[audio.Piece]) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(analyse(piece.samples, grid)) for piece in pieces)

    return Frames(all_of(found.train), all_of(found.dev))


def train(
    styles: Mapping[str, Frames], grid: Grid, plan: Plan, hidden: int = 192
) -> tuple[PartialRNN, dict[str, Any]]:
    """The model of the epoch with the most likelihood on the dev pieces, and how it went."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    begun = time.monotonic()
    config = PartialConfig(grid.features, tuple(styles), hidden, rate=grid.rate, hop=grid.hop)
    model = PartialRNN(config)
    optimiser = torch.optim.Adam(model.parameters(), lr=plan.rate)
    updates = max(_frames(styles) // (STEPS * plan.rows), 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=plan.epochs * updates, pct_start=0.1
    )
    curves: list[float] = []
    best: dict[str, Tensor] = {}
    for _ in range(plan.epochs):
        for _ in range(updates):
            x, style = _stretches(styles, plan.rows, rng)
            optimiser.zero_grad()
            loss = -model.log_likelihood(x, style, model.initial(plan.rows), DITHER)[0].mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 100.0)
            optimiser.step()
            schedule.step()
        curves.append(dev_nats(model, styles))
        if curves[-1] == max(curves):
            best = {name: value.detach().clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best)
    return model.eval(), {"dev": max(curves), "seconds": time.monotonic() - begun, "curves": curves}


def _frames(styles: Mapping[str, Frames]) -> int:
    return sum(len(piece) for style in styles.values() for piece in style.train)


def _stretches(
    styles: Mapping[str, Frames], rows: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """`STEPS + 1` frames of pieces chosen at random [T, B, F], and their styles [B, S]."""
    kinds = rng.integers(len(styles), size=rows)
    own = [list(styles.values())[kind].train for kind in kinds]
    pieces = [each[rng.integers(len(each))] for each in own]
    starts = [int(rng.integers(max(len(piece) - STEPS, 1))) for piece in pieces]
    cut = [piece[start : start + STEPS + 1] for piece, start in zip(pieces, starts, strict=True)]
    least = min(map(len, cut))
    x = torch.stack([each[:least] for each in cut], dim=1)
    return x, torch.eye(len(styles))[torch.from_numpy(kinds)]


@torch.no_grad()
def dev_nats(model: PartialRNN, styles: Mapping[str, Frames]) -> float:
    """Nats per frame of the dev pieces, a style counting as much as another."""
    means = []
    for i, style in enumerate(styles.values()):
        tag = torch.eye(len(styles))[i : i + 1]
        sums = [model.log_likelihood(x[:, None], tag, model.initial(1))[0] for x in style.dev]
        means.append(torch.cat(sums).mean())
    return float(torch.stack(means).mean())


def named(arguments: Sequence[str]) -> dict[str, Path]:
    """Folders by style from `STYLE=FOLDER`. Raises `SettingsError`."""
    pairs = [argument.partition("=") for argument in arguments]
    for name, equals, folder in pairs:
        if not (name and equals and folder):
            raise SettingsError(f"{name}{equals}{folder}: give STYLE=FOLDER")
    return {name: Path(folder) for name, _, folder in pairs}


def main(argv: list[str] | None = None) -> int:
    """Write the checkpoint, and one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m export.wave.train_partials", description=__doc__)
    parser.add_argument("corpora", nargs="+", metavar="STYLE=FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--hidden", type=int, default=192, metavar="N")
    parser.add_argument("--epochs", type=int, default=40, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    args = parser.parse_args(argv)
    grid = Grid()
    try:
        corpora = {n: audio.read_folder(f, grid.rate) for n, f in named(args.corpora).items()}
        styles = {name: frames_of(found, grid) for name, found in corpora.items()}
        plan = Plan(epochs=args.epochs, seed=args.seed)
        model, facts = train(styles, grid, plan, args.hidden)
        store.save(args.out, model, facts)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for reason in (reason for found in corpora.values() for reason in found.skipped):
        print(f"skipped: {reason}", file=sys.stderr)
    print(json.dumps({"dev": facts["dev"], "seconds": round(facts["seconds"], 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
