"""Train a melody model: `python -m export.melody.train --model vrash --corpus STYLE=PATH …`.

The objective is the negative ELBO (Kingma & Welling 2014, equation 10) per note, with the three
remedies against a decoder that ignores its latent point: KL annealing and word dropout on the
history (Bowman et al. 2016), and free bits (Kingma et al. 2016). Under `torchrun` the same command
trains on several devices (DistributedDataParallel), each on its own share of the tunes.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import os
import sys
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, distributed
from torch.nn.parallel import DistributedDataParallel
from torch.utils.tensorboard import SummaryWriter

from export.command_line import run
from export.corpus import dataset
from export.corpus.read import name_broken
from export.melody import corpora
from export.melody.evaluate import read
from export.melody.plan import MelodyPlan
from export.models.family import FAMILIES, build
from export.models.melody import DECODERS, Losses, MelodyModel
from export.models.melody_config import HISTORIES, MelodyConfig
from export.training import command
from export.training.splits import train_and_valid
from export.training.task import Batch, Epoch, Loss, Task, Validation
from export.training.trainer import Line, Trainer, printed
from stream.compose.melody.outline_context import PARTS
from stream.compose.tunes.tune import Melody


class MelodyTask(Task[dataset.Batch]):
    """A melody model and the tunes that this process trains it on."""

    model: MelodyModel

    def __init__(
        self,
        kind: str,
        config: MelodyConfig,
        plan: MelodyPlan,
        train: Sequence[Melody],
        valid: Sequence[Melody],
    ) -> None:
        torch.manual_seed(plan.seed)
        self.rank = int(os.environ.get("RANK", "0"))
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.device = _device()
        self.kind, self.plan = kind, plan
        self.model = build(kind, config).to(self.device)
        self.network = DistributedDataParallel(self.model) if self.world > 1 else self.model
        self._train, self._valid = train[self.rank :: self.world], list(valid)

    def batches(self, epoch: Epoch) -> tuple[float, list[dataset.Batch]]:
        plan = self.plan
        found = list(
            dataset.epoch(
                self._train, self.model.config.styles, rows=plan.rows, length=plan.length,
                rng=epoch.rng, balance=plan.balance, tag_dropout=plan.tag_dropout,
                kinds=self.model.config.kinds,
            )
        )  # fmt: skip
        found = found[: self._agree(len(found))]
        return sum(int(batch.mask.sum()) for batch in found), found

    def _agree(self, batches: int) -> int:
        """Return the fewest batches that any process has: all take the same number of steps."""
        if self.world == 1:
            return batches
        count = torch.tensor(batches, device=self.device)
        distributed.all_reduce(count, distributed.ReduceOp.MIN)
        return int(count)

    def loss(self, batch: Batch[dataset.Batch]) -> Loss:
        plan, segment = self.plan, batch.content.to(self.device)
        state = batch.state
        if state is None:
            state = self.model.decoder.initial(plan.rows)
        inputs = (
            segment.tokens, segment.previous, segment.position, segment.mask, segment.tags,
            segment.context,
        )  # fmt: skip
        noise = torch.randn(plan.rows, self.model.latent, device=self.device)
        losses = self.network(
            inputs,
            carried(state, segment),
            noise,
            plan.word_dropout,
            (plan.input_dropout, plan.state_dropout),
        )
        mean = self.objective(losses, segment.mask, batch.progress)
        notes = int(segment.mask.sum())
        return Loss(mean, float(mean.detach()) * notes, notes, losses.state)

    def objective(self, losses: Losses, mask: Tensor, progress: float) -> Tensor:
        """Return nats per note: reconstruction plus the weighted divergence beyond free bits.

        L = -log p(x | z) + w sum_d max(free, KL_d), with w growing from 0 to 1.
        """
        notes = mask.sum().clamp(min=1)
        rows = mask.any(0).sum().clamp(min=1)
        by_dimension = losses.kl.sum(0) / rows  # [D]
        divergence = by_dimension.clamp(min=self.plan.free_bits).sum() * rows
        weight = min(progress / self.plan.annealing, 1.0)
        return (losses.nats.sum() + weight * divergence) / notes

    def validate(self, model: MelodyModel, _curve: list[float]) -> Validation:
        """Return the negative ELBO in bits per note."""
        found = read(model, self._valid, self.plan.length)
        line = {
            "valid_bits": found.elbo, "reconstruction": found.reconstruction, "kl": found.kl,
            "heads": found.heads,
        }  # fmt: skip
        return Validation(found.elbo, dataclasses.asdict(found), line)


def _log(writer: SummaryWriter, line: Line) -> None:
    """Print the figures of an epoch, and write them for TensorBoard."""
    printed(line)
    for name in ("train_nats", "valid_bits", "reconstruction", "kl"):
        if name in line:
            writer.add_scalar(name, round(line[name], 4), line["epoch"])
    writer.flush()


def carried(state: Tensor, batch: dataset.Batch) -> Tensor:
    """Return the state that a segment is trained from: zero where its row starts cold."""
    return torch.where(batch.cold[:, None], torch.zeros_like(state), state.detach())


def _device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def _arguments() -> argparse.ArgumentParser:
    parser = command.parser_of("export.melody.train", __doc__)
    parser.add_argument("--model", choices=FAMILIES, default="vrash")
    parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH")
    parser.add_argument(
        "--cell", choices=DECODERS, default="rhn", help="the decoder's; rhn: the paper's"
    )
    parser.add_argument(
        "--history", choices=HISTORIES, default="event", help="what the decoder hears"
    )
    parser.add_argument(
        "--outline", default=" ".join(PARTS), help="parts of the outline that the model reads"
    )
    fields = dataclasses.fields(MelodyConfig)
    sizes = [f for f in fields if f.type == "int" and f.name != "context"]
    for field in sizes:
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, type=int, default=field.default)
    command.add_flags(parser, MelodyPlan())
    return parser


def _train(args: dict[str, Any]) -> None:
    melodies, reports = corpora.load(args["corpus"], args["history"])
    name_broken(reports, sys.stderr)
    styles = tuple(dict.fromkeys(r.style for r in reports))
    config = command.from_flags(corpora.config(styles, args["history"]), args)
    plan = command.from_flags(MelodyPlan(), args)
    learned = corpora.as_learned(melodies, config)
    split = train_and_valid(learned, int(os.environ.get("WORLD_SIZE", "1")))
    task = MelodyTask(args["model"], config, plan, *split)
    trainer = Trainer(task, plan, args["out"], args["corpus"])
    command.prepare(trainer, args)
    with contextlib.ExitStack() as stack:
        if task.rank == 0:
            writer = stack.enter_context(SummaryWriter(args["out"] / "logs"))
            trainer.report = functools.partial(_log, writer)
        trainer.fit()


def main(argv: list[str] | None = None) -> int:
    """Read the corpora, train, leave `best.npz`, `last.npz` and `logs/` in the output folder."""
    args = vars(_arguments().parse_args(argv))
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        return run(lambda: _train(args))
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


if __name__ == "__main__":
    sys.exit(main())
