"""The note-list by seeds and by parts, beside baselines with as many steps.

`python -m benchmarks.polyphony.note_list --set jsb=PATH …` trains the models missing in `--out`,
measures them piece by piece, and writes `results/note_list.{json,md}`. An interrupted run resumes.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks import script
from benchmarks.polyphony.lists import page
from benchmarks.polyphony.lists.designs import DESIGNS, RUNS, WHOLE
from benchmarks.polyphony.lists.records import Runs, records
from benchmarks.polyphony.lists.runs import measured
from benchmarks.record import RESULTS, publish
from benchmarks.support.resume import Facts
from export.corpus.rolls import RollSet, load_rolls
from stream.errors import SettingsError

NAME = "note_list"
PLANS = {"recorded": RUNS, "whole": WHOLE}
"""Seeds of each design by set: those of the page, or all that the goals ask for."""


def compare(args: argparse.Namespace) -> Runs:
    """Train and measure all models, seed by seed."""
    script.require_positive(args, "seeds")
    sets = load_rolls(args.sets)
    for found in sets:
        if found.name not in WHOLE:
            raise SettingsError(f"--set {found.name}: must be among {', '.join(WHOLE)}")
    jobs = [
        (found, design, seed)
        for found in sets
        for design in DESIGNS
        for seed in range(1, _seeds(args, found, design) + 1)
    ]
    runs: dict[tuple[str, str], list[Facts]] = {}
    with tqdm(jobs, unit="model") as bar:
        for found, design, seed in bar:
            bar.set_description(f"{DESIGNS[design].title}, {found.name}, seed {seed}")
            facts = measured(args.out, DESIGNS[design], found, seed)
            runs.setdefault((found.name, design), []).append(facts)
    return runs


def _seeds(args: argparse.Namespace, found: RollSet, design: str) -> int:
    """Return the number of models of a design on a set."""
    plan = PLANS[args.plan]
    return min(args.seeds, plan.get(found.name, {}).get(design, 0))


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets",
                        help=f"archive of a set: {', '.join(WHOLE)}")  # fmt: skip
    parser.add_argument("--plan", choices=PLANS, default="recorded",
                        help="models to train: those of the page, or all of the study")  # fmt: skip
    script.add_counts(parser, (("seeds", 5, "most models of each design"),))
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="folder of models and readings")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def study(args: argparse.Namespace) -> None:
    """Measure, and write the results."""
    runs = compare(args)
    options = script.changed(args, _arguments().parse_args(["--set", ""]), ("seeds", "plan"))
    call = script.command(NAME, [f"--set={word}" for word in args.sets] + options)
    found = [dataclasses.replace(each, command=call) for each in records(runs)]
    publish(NAME, found, args.results, page.text(found, call))


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    return script.run(lambda: study(args))


if __name__ == "__main__":
    sys.exit(main())
