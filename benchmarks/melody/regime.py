"""The poster's LSTM as the poster may have trained it: nothing regularized, 50 epochs, 762 songs.

`python -m benchmarks.melody.regime --corpus PATH.npz` trains the nets missing in `--out`, measures
them every few epochs, and writes `results/regime.{json,md}`.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from benchmarks import script
from benchmarks.melody import regime_page
from benchmarks.melody.parts import Part
from benchmarks.melody.systems import LOSS, RIGHT
from benchmarks.record import RESULTS, Readings, Record, publish
from benchmarks.support.resume import Facts, cached
from export.papers.melody_lstm.measures import one_step
from export.papers.melody_lstm.segments import Lead, read_leads, splits
from export.papers.melody_lstm.window_model import WindowModel, WindowPlan, WindowTask, steps_of
from export.training.trainer import Line, Trainer
from stream.errors import SettingsError

NAME = "regime"
SONGS = 762
"""Songs of the poster."""
SEED = 1
"""Seed of the choice of so many songs."""
EVERY = 8
"""Every so many windows one is measured."""
LENIENT = {
    "drop_input": 0.0, "drop_state": 0.0, "drop_output": 0.0, "average": 0.0, "decay": 0.0,
}  # fmt: skip
"""Options of a net that nothing regularizes."""


def corpora(leads: Sequence[Lead], sizes: Sequence[int]) -> dict[str, dict[str, list[Lead]]]:
    """Return training and test tunes of so many songs chosen at random; 0: of all songs."""
    order = np.random.default_rng(SEED).permutation(len(leads))
    found = {}
    for size in sizes:
        tunes = [leads[i] for i in sorted(order[: size or None])]
        parts = splits(tunes)
        found[f"{len(tunes)} songs"] = {
            "train": parts["train"] + parts["valid"], "test": parts["test"],
        }  # fmt: skip
    return found


def measured(args: argparse.Namespace, name: str, tunes: dict[str, list[Lead]], seed: int) -> Facts:
    """Return figures by measure and split of every few epochs of one net."""
    plan = WindowPlan(epochs=args.epochs, seed=seed, hidden=args.hidden, **LENIENT)
    parts = [Part(split, leads, EVERY) for split, leads in tunes.items()]
    request = {
        "plan": dataclasses.asdict(plan), "readings": args.readings,
        "tunes": [[part.name, len(part.leads), sum(map(len, part.leads))] for part in parts],
    }  # fmt: skip
    path = args.out / f"{name.split(maxsplit=1)[0]}-{seed}.json"
    return cached(path, request, lambda: {"epochs": _curve(plan, parts, args.readings)})


def _curve(plan: WindowPlan, parts: Sequence[Part], readings: int) -> list[dict[str, Any]]:
    """Train one net, and return its figures after every few epochs."""
    found: list[dict[str, Any]] = []
    task = WindowTask(plan, parts[0].rows)
    every = max(plan.epochs // readings, 1)

    def report(line: Line) -> None:
        if line["epoch"] % every == 0 or line["epoch"] == plan.epochs:
            figures = _figures(task.model, parts)
            found.append({"epoch": line["epoch"], "loss": line["train_nats"], **figures})
            print(f"epoch {line['epoch']}: {figures}", file=sys.stderr)

    Trainer(task, steps_of(plan), report=report).fit()
    return found


def _figures(model: WindowModel, parts: Sequence[Part]) -> dict[str, float]:
    model.eval()
    figures: dict[str, float] = {}
    for part in parts:
        figures |= part.predictions(one_step(model.distributions, *part.windows))
    return figures


def records(runs: dict[str, list[Facts]]) -> list[Record]:
    """Return the figures of all readings: means over the seeds."""
    return [
        _record((name, split, measure), seeds, at)
        for name, seeds in runs.items()
        for at in range(len(seeds[0]["epochs"]))
        for measure in (LOSS, RIGHT)
        for split in ("train", "test")
    ]


def _record(what: tuple[str, str, str], seeds: Sequence[Facts], at: int) -> Record:
    name, split, measure = what
    key = f"{measure}/{split}"
    r = Readings(tuple(float(one["epochs"][at][key]) for one in seeds))
    title = f"LSTM, not regularized, {seeds[0]['epochs'][at]['epoch']} epochs"
    unit = "nats" if measure == LOSS else ""
    paper = regime_page.POSTER.get(key)
    return Record(title, f"{name}, {split}", measure, unit, r.mean, r.sd, len(seeds), paper)


def compare(args: argparse.Namespace) -> None:
    """Train and measure all nets, and write the results."""
    script.require_positive(args, "seeds", "epochs", "hidden", "readings")
    found = corpora(read_leads(args.corpus), _sizes(args.songs))
    jobs = [(name, seed) for seed in range(1, args.seeds + 1) for name in found]
    runs: dict[str, list[Facts]] = {name: [] for name in found}
    for name, seed in tqdm(jobs, unit="net"):
        runs[name].append(measured(args, name, found[name], seed))
    usual = _arguments().parse_args(["--corpus", "x"])
    options = script.changed(args, usual, ("songs", "seeds", "epochs", "hidden", "readings"))
    call = script.command(NAME, [f"--corpus={args.corpus}", *options])
    made = [dataclasses.replace(each, command=call) for each in records(runs)]
    publish(NAME, made, args.results, regime_page.text(made, call))


def _sizes(words: str) -> list[int]:
    """Return the numbers in a list with commas; `SettingsError` for anything else."""
    if not all(word.isdecimal() for word in words.split(",")):
        raise SettingsError(f"--songs {words}: must be numbers of songs, as 0,762; 0: all songs")
    return [int(word) for word in words.split(",")]


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="PATH.npz",
                        help="melodies with meters and groups of variants")  # fmt: skip
    parser.add_argument("--songs", default=f"0,{SONGS}",
                        help="sizes of the corpora, with commas; 0: all songs")  # fmt: skip
    script.add_counts(
        parser,
        (
            ("seeds", 2, "nets of each corpus"),
            ("epochs", 50, "epochs of each net"),
            ("hidden", 192, "units of each net"),
            ("readings", 10, "readings of each net"),
        ),
    )
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="folder of readings")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    return script.run(lambda: compare(args))


if __name__ == "__main__":
    sys.exit(main())
