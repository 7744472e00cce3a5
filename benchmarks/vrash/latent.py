"""The use that a melody model makes of its latent point, by measures that can fail.

Free bits grant a model its nats of divergence from the prior, so those alone do not show that the
point says anything. Held-out segments are decoded at the mean of their own posterior, at that of
another tune of the style, at a draw from the prior and at its center. Beside it stand the numbers
of the point that vary from segment to segment (active units, Burda et al. 2016: a variance of the
mean above 0.01), and the information of the point about the segment, with what is left of the
divergence: that of all points together from the prior (Hoffman & Johnson 2016, equation 8).
Standard deviations come from a bootstrap over segments.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks import script
from benchmarks.record import Record, publish
from export.melody import corpora
from export.melody.evaluate import batches, fresh
from export.models.melody import MelodyModel
from export.training.checkpoint import load_model
from export.training.kinds import MELODIES
from export.training.splits import train_and_valid
from stream.compose.tunes.tune import Melody

NAME = "latent"
ACTIVE = 0.01
OWN, OTHER = "own segment", "another tune of the style"
DRAWS = 200
Floats = NDArray[np.float64]
Choice = Callable[[Tensor, Tensor], Tensor]
"""A function from posterior means [B, Z] and tags [B, S] to the points [B, Z] to decode at."""


@dataclass(frozen=True, slots=True)
class Nats:
    """Losses of segments under one choice of points."""

    nats: Floats
    """Nats [N] of each segment."""
    notes: Floats
    """Events [N] of each segment."""

    def bits(self, chosen: NDArray[np.int64] | slice = slice(None)) -> float:
        """Return bits per event of the chosen segments."""
        return float(self.nats[chosen].sum() / self.notes[chosen].sum() / math.log(2))


def of_another(mean: Tensor, tags: Tensor) -> Tensor:
    """Return the mean of another row with the same tags for each row, or its own if it is alone."""
    found = mean.clone()
    _, groups = torch.unique(tags, dim=0, return_inverse=True)
    for group in groups.unique():
        rows = torch.nonzero(groups == group)[:, 0]
        found[rows] = mean[rows.roll(1)]
    return found


def choices(width: int) -> dict[str, Choice]:
    """Return the choices of points by name; `width` is Z."""
    generator = torch.Generator().manual_seed(0)
    return {
        OWN: lambda mean, _tags: mean,
        OTHER: of_another,
        "a draw from the prior": lambda mean, _tags: torch.randn(
            (len(mean), width), generator=generator
        ),
        "the center of the prior": lambda mean, _tags: torch.zeros_like(mean),
    }


@torch.no_grad()
def decoded(model: MelodyModel, melodies: Sequence[Melody], choice: Choice) -> Nats:
    """Return the losses of all segments; each tune carries its state."""
    model.eval()
    state = model.decoder.initial(64)
    nats, notes = [], []
    for batch in batches(model, melodies, 64):
        mean, _ = model.posterior(batch.tokens, batch.mask, batch.tags)  # [B, Z]
        inputs = (batch.previous, batch.position, batch.mask, batch.context)
        point = choice(mean, batch.tags)
        states, state = model.decode(inputs, batch.tags, point, fresh(state, batch))
        losses = model.heads.nats(states, batch.tokens) * batch.mask[..., None]  # [T, B, 3]
        used = batch.mask.any(0)
        nats.append(losses.sum((0, 2))[used].double().numpy())
        notes.append(batch.mask.sum(0)[used].double().numpy())
    return Nats(np.concatenate(nats), np.concatenate(notes))


@torch.no_grad()
def posteriors(model: MelodyModel, melodies: Sequence[Melody]) -> tuple[Floats, Floats]:
    """Return mean and log-variance [N, Z] of the posterior of each segment."""
    model.eval()
    found: list[list[Floats]] = [[], []]
    for batch in batches(model, melodies, 64):
        used = batch.mask.any(0)
        for column, value in zip(
            found, model.posterior(batch.tokens, batch.mask, batch.tags), strict=True
        ):
            column.append(value[used].double().numpy())
    mean, log_variance = map(np.concatenate, found)
    return mean, log_variance


def information(mean: Floats, log_variance: Floats) -> tuple[float, float]:
    """Return the information of the point about its segment, and what is left of the divergence.

    Both in nats. The information is at most log N, as a segment is one of N.
    """
    sd = np.exp(log_variance / 2)
    points = mean + sd * np.random.default_rng(0).standard_normal(mean.shape)
    # log q(z_n | x_m), less a constant, [N, N].
    log_q = np.stack(
        [-0.5 * (((z - mean) / sd) ** 2 + log_variance).sum(1) for z in points]
    )  # fmt: skip
    highest = log_q.max(1, keepdims=True)
    together = highest[:, 0] + np.log(np.exp(log_q - highest).mean(1))
    found = float((np.diag(log_q) - together).mean())
    divergence = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(1).mean()
    return found, float(divergence) - found


def lost(other: Nats, own: Nats) -> tuple[float, float]:
    """Return the bits per event that one choice costs more than another, and the sd."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(own.nats), (DRAWS, len(own.nats)))
    return other.bits() - own.bits(), float(np.std([other.bits(p) - own.bits(p) for p in picks]))


def records(system: str, model: MelodyModel, melodies: Sequence[Melody]) -> list[Record]:
    """Return the figures of a model on held-out melodies."""
    where = "validation set"
    read = {
        name: decoded(model, melodies, choice) for name, choice in choices(model.latent).items()
    }
    own, count = read[OWN], len(read[OWN].nats)
    found = [Record(system, where, f"decoded at: {OWN}", "bits/event", own.bits(), n=count)]
    for name, nats in read.items():
        if name != OWN:
            bits, sd = lost(nats, own)
            found.append(
                Record(system, where, f"lost at: {name}", "bits/event", bits, sd, count,
                       "more than 0" if name == OTHER else None)
            )  # fmt: skip
    mean, log_variance = posteriors(model, melodies)
    active = int((mean.var(0) > ACTIVE).sum())
    told, left = information(mean, log_variance)
    return [
        *found,
        Record(system, where, f"active units of {model.latent}", "", active, n=count),
        Record(system, where, f"information, at most {math.log(count):.2f}", "nats/segment", told,
               n=count),
        Record(system, where, "divergence of all points from the prior", "nats/segment", left,
               n=count),
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="CHECKPOINT.npz")
    args: argparse.Namespace = parser.parse_args(argv)
    torch.set_num_threads(1)

    def study() -> None:
        model: MelodyModel = load_model(args.checkpoint, MELODIES)[1]
        melodies, _ = corpora.load(args.corpus, model.config.history)
        _, valid = train_and_valid(corpora.as_learned(melodies, model.config))
        publish(NAME, records("commons", model, valid))

    return script.run(study)


if __name__ == "__main__":
    sys.exit(main())
