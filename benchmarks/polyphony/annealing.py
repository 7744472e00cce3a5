"""RNN-DBN against RNN-RBM with long annealing, equal training, and a test that fits the data.

`python -m benchmarks.polyphony.annealing --set jsb=PATH …` trains the pairs missing in `--out`,
measures each model on the same test frames, and writes `results/annealing.{json,md}`. The control
has layers so small that its likelihood is known exactly. An interrupted run resumes.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import script
from benchmarks.polyphony.pairs import page
from benchmarks.polyphony.pairs.enumerated import deep_log_likelihood, log_likelihood
from benchmarks.polyphony.pairs.measuring import (
    Chosen,
    chosen,
    frames_of,
    likelihoods,
    measured,
    watched,
)
from benchmarks.polyphony.pairs.records import Control, SetFindings, records
from benchmarks.polyphony.pairs.training import ENUMERATED, author, frames_in_arms, pair
from benchmarks.polyphony.runs import Study, moved
from benchmarks.record import RESULTS, publish
from benchmarks.support.resume import Facts, cached
from export.corpus.rolls import RollSet, load_rolls
from export.models.polyphony.rnn_dbn import RNNDBN
from export.papers.rnn_dbn.ais import Annealing
from export.papers.rnn_dbn.estimates import load_model

NAME = "annealing"
SHORT = Annealing(400, 8)
"""Annealing of the table in `results/polyphony.md`."""


def plans(args: argparse.Namespace) -> dict[str, Annealing]:
    """Return the annealing that counts, and the shorter ones beside it."""
    return {
        "long": Annealing(args.betas, args.chains),
        "middle": Annealing(args.betas // 4, args.chains),
        "short": SHORT,
    }


def of_set(args: argparse.Namespace, found: RollSet) -> SetFindings:
    """Train and measure the pairs of all seeds on one set."""
    study, where = Study(args.out, effort=args.effort), chosen(found.test, args.frames)
    values: dict[str, dict[str, list[Any]]] = {"rnn-rbm": {}, "rnn-dbn": {}}
    monitors: dict[str, list[Mapping[str, float]]] = {}
    for seed in range(1, args.seeds + 1):
        models = pair(study, found, seed)
        folder = args.out / found.name / str(seed)
        for name, path in (("rnn-rbm", models.rbm), ("rnn-dbn", models.dbn)):
            facts = measured(path, found, where, plans(args), folder / f"{name}.json")
            for plan, each in facts.items():
                values[name].setdefault(plan, []).append(each)
        for name in ("base", "rbm", "second", "dbn"):
            store = folder / f"{name}.monitor.json"
            monitors.setdefault(name, []).append(watched(getattr(models, name), found, store))
        print(f"{found.name}, seed {seed}: measured", file=sys.stderr)
    trained = frames_in_arms(study, sum(map(len, found.train)))
    return SetFindings(found, where.piece, values, trained, monitors)


def control(args: argparse.Namespace, found: RollSet) -> list[Control]:
    """Return estimates and exact likelihoods of both models with small layers."""
    study = Study(args.out / "enumerated", effort=min(2 * args.effort, 1.0))
    where = chosen(found.test, args.enumerated)
    models = pair(study, found, 1, ENUMERATED)
    return [
        Control(**cached(
            study.out / f"{name}.json", _request(path, where, plans(args)),
            lambda path=path: _control(path, where, plans(args)),
        ))
        for name, path in (("rnn-rbm", models.rbm), ("rnn-dbn", models.dbn))
    ]  # fmt: skip


def _request(path: Path, where: Chosen, those: Mapping[str, Annealing]) -> Facts:
    efforts = {name: [plan.betas, plan.chains] for name, plan in those.items()}
    return {"model": path.stat().st_mtime_ns, "frames": len(where.at), "plans": efforts}


def _control(path: Path, where: Chosen, those: Mapping[str, Annealing]) -> Facts:
    model = load_model(path)
    v, states = frames_of(model, where)
    if isinstance(model, RNNDBN):
        exact = deep_log_likelihood((model.bottom(states), model.top(states)), v)
    else:
        exact = log_likelihood(model.machine(states), v)
    errors = {}
    for name, plan in those.items():
        nats, deviation = likelihoods(model, v, states, plan)
        gap = (nats.double() - exact).numpy()
        errors[name] = [float(gap.mean()), float(np.abs(gap).max()), float(deviation.mean())]
    return {
        "deep": isinstance(model, RNNDBN), "exact": float(exact.mean()), "frames": len(v),
        "errors": errors,
    }  # fmt: skip


def authors(args: argparse.Namespace, sets: Sequence[RollSet]) -> dict[str, Mapping[str, float]]:
    """Return the monitors of RNN-RBMs trained as the authors' program does, by set."""
    found = {}
    names = [name for name in args.authors.split(",") if name]
    for each in sets:
        for rolls in (each, moved(each)):
            if rolls.name in names:
                path = author(Study(args.out, effort=args.effort), rolls)
                found[rolls.name] = watched(path, rolls, path.with_name("monitor.json"))
    return found


def compare(args: argparse.Namespace) -> None:
    """Measure everything, and write the results."""
    script.require_positive(args, "seeds", "betas", "chains", "frames", "enumerated")
    sets = load_rolls(args.sets)
    found = records(
        [of_set(args, each) for each in sets], control(args, sets[0]), authors(args, sets),
        plans(args),
    )  # fmt: skip
    options = script.changed(args, _arguments().parse_args(["--set", ""]), COUNTED)
    call = script.command(NAME, [f"--set={word}" for word in args.sets] + options)
    found = [dataclasses.replace(record, command=call) for record in found]
    publish(NAME, found, args.results, page.text(found, call))


COUNTED = ("effort", "seeds", "betas", "chains", "frames", "enumerated", "authors")
"""Options that affect the figures."""


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets",
                        help="archive of a set; the first is also that of the control")  # fmt: skip
    script.add_counts(
        parser,
        (
            ("seeds", 3, "pairs of each set"),
            ("betas", 4000, "temperatures of the annealing"),
            ("chains", 16, "chains of the annealing for each frame"),
            ("frames", 150, "test frames of each set"),
            ("enumerated", 60, "test frames of the control"),
        ),
    )
    parser.add_argument("--authors", default="jsb,jsb-raw",
                        help="sets of RNN-RBMs trained as the authors' program does")  # fmt: skip
    parser.add_argument("--effort", type=float, default=1.0, help="factor on all training")
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="folder of models and readings")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    return script.run(lambda: compare(args))


if __name__ == "__main__":
    sys.exit(main())
