"""Each design of the note-list's study is trained from a seed and measured once, piece by piece.

`OUT/SET/DESIGN-SEED/{best,last}.npz` are the checkpoints, `OUT/SET/DESIGN-SEED.json` holds the
figures. An interrupted training of a note-list resumes after its last epoch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.polyphony.lists.baselines import BASELINES, KINDS
from benchmarks.polyphony.lists.designs import Design
from benchmarks.support.resume import Facts, cached
from export.corpus.rolls import SPLITS, Roll, RollSet
from export.models.polyphony.frame_model import Exact, last_of_each_row
from export.rolls.batches import Piece, by_length, chunked
from export.rolls.evaluate import LENGTH, ROWS, from_state, share_of_keys
from export.rolls.train import RollTask
from export.training import checkpoint
from export.training.plan import FramePlan
from export.training.trainer import Trainer
from stream.errors import SettingsError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Log-likelihoods of one model on one split, summed over each piece [pieces]."""

    frames: Floats
    """Number of frames."""
    nats: Floats
    repeated: Floats
    """Number of frames that are equal to the frame before."""
    repeated_nats: Floats
    """Part of the sum that is due to those."""

    @property
    def mean(self) -> float:
        """Nats per frame."""
        return float(self.nats.sum() / self.frames.sum())

    @property
    def on_repeated(self) -> float:
        return float(self.repeated_nats.sum() / self.repeated.sum())

    @property
    def on_new(self) -> float:
        rest = self.nats.sum() - self.repeated_nats.sum()
        return float(rest / (self.frames.sum() - self.repeated.sum()))


class DesignTask(RollTask):
    """A note-list or a baseline, and the set that it is trained on."""

    def __init__(self, design: Design, plan: FramePlan, found: RollSet) -> None:
        torch.manual_seed(plan.seed)
        kind = KINDS[design.kind]
        config = kind.config(sets=(found.name,), **design.options(found.name).config)
        self.kind, self.plan, self.sets = design.kind, plan, [found]
        self.model = kind.build(config)
        self._pieces = [Piece(roll) for roll in found.train]


def trained(out: Path, design: Design, found: RollSet, seed: int) -> Path:
    """Return the checkpoint of the best epoch on the validation split; train what is missing."""
    folder = out / found.name / f"{design.name}-{seed}"
    options = design.options(found.name).plan
    epochs = int(options["epochs"])
    plan = FramePlan(seed=seed, patience=epochs, every=max(epochs // 15, 1), **options)
    trainer = Trainer(DesignTask(design, plan, found), plan, folder, [found.name])
    if (folder / "last.npz").exists():
        if checkpoint.load(folder / "last.npz", KINDS).progress["epochs"] >= epochs:
            return folder / "best.npz"
        if design.kind not in BASELINES:
            trainer.resume()
    if not trainer.epochs_done:
        trainer.model.set_marginals(share_of_keys([found]))
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "epochs.jsonl"
    with log.open("a", encoding="utf-8") as lines, contextlib.redirect_stdout(lines):
        trainer.fit()
    return folder / "best.npz"


def measured(out: Path, design: Design, found: RollSet, seed: int) -> Facts:
    """Return `hash`, `parameters`, `seconds`, `frames` trained, and scores by split."""
    best = trained(out, design, found, seed)

    def compute() -> Facts:
        run, model = checkpoint.load_model(best, KINDS)
        last = checkpoint.load(best.with_name("last.npz"), KINDS)
        return {
            "hash": digest(best), "parameters": sum(p.numel() for p in model.parameters()),
            "epoch": run.progress["best_epoch"], "seconds": last.progress["seconds"],
            "frames": last.progress["epochs"] * sum(map(len, found.train)),
            "steps": last.progress["steps"],
            **{name: packed(scores(model, found.split(name), 0)) for name in SPLITS[1:]},
        }  # fmt: skip

    path = out / found.name / f"{design.name}-{seed}.json"
    return cached(path, {"model": best.stat().st_mtime_ns}, compute)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scores(model: Exact, rolls: Sequence[Roll], column: int) -> Scores:
    """Return the exact log-likelihood of each piece.

    Raises `SettingsError` for a model whose likelihood is not exact.
    """
    if not isinstance(model, Exact):
        raise SettingsError(
            f"{type(model).__name__}: its likelihood is not exact; "
            "use python -m export.papers.rnn_dbn.estimates"
        )

    pieces = by_length([Piece(roll, column, i) for i, roll in enumerate(rolls)])
    sums = np.zeros((3, len(rolls)))
    sets = max(len(model.config.sets), 1)
    state = last = None
    model.eval()
    with torch.no_grad():
        for batch in chunked(pieces, rows=min(ROWS, len(rolls)), length=LENGTH, sets=sets):
            nats, state = model.log_likelihood(batch.v, batch.mask, from_state(model, batch, state))
            same = repeated(batch.v, batch.cold, last) & batch.mask  # bool [T, B]
            last = last_of_each_row(batch.v, batch.mask, batch.v[0] if last is None else last)
            played = batch.number >= 0
            parts = torch.stack(
                [torch.where(batch.mask, nats, 0), same, torch.where(same, nats, 0)]
            )
            totals = parts.sum(1, dtype=torch.float64)[:, played]  # [3, rows that play]
            np.add.at(sums, (slice(None), batch.number[played].numpy()), totals.numpy())
    frames = np.array([len(roll) for roll in rolls], np.float64)
    return Scores(frames, *sums)


def repeated(v: Tensor, cold: Tensor, last: Tensor | None) -> Tensor:
    """Return which frames are equal to the frame before [T, B]; the first of a piece never is.

    `v` [T, B, 88] follows `last` [B, 88]; `cold` bool [B] is true for rows that begin a piece.
    """
    first = v[:1] if last is None else last[None]
    before = torch.cat([torch.where(cold[:, None], -1.0, first), v[:-1]])  # [T, B, 88]
    return (v == before).all(-1)


def packed(found: Scores) -> dict[str, list[float]]:
    """Return the scores as lists."""
    return {name: list(map(float, values)) for name, values in dataclasses.asdict(found).items()}
