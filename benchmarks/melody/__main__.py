"""The melody poster (001) measured again: nets against n-grams, eight segments a measure.

`python -m benchmarks.melody --corpus PATH.npz` trains the nets missing in `--out`, measures all
systems, and writes `results/melody.{json,md,png}`. An interrupted run resumes. With `--hold-out` a
part of the training tunes takes the place of the test tunes; all choices were made this way.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks import script
from benchmarks.melody import page, picture, regime_page
from benchmarks.melody.parts import Part
from benchmarks.melody.records import Runs, records
from benchmarks.melody.runs import Study, measured
from benchmarks.melody.systems import SYSTEMS
from benchmarks.record import RESULTS, publish
from export.papers.melody_lstm.segments import read_leads, splits
from export.papers.melody_lstm.window_model import FORMS
from stream.errors import SettingsError

NAME = "melody"
EVERY = 8
"""Every so many training windows one is measured."""


def study_of(args: argparse.Namespace) -> Study:
    """Return the study of these arguments. Raises `SettingsError` for invalid ones."""
    script.require_positive(args, "seeds", "epochs", "tune-epochs")
    found = splits(read_leads(args.corpus))
    if not all(found.values()):
        raise SettingsError(f"--corpus {args.corpus}: too few groups of tunes for three splits")
    if args.hold_out:
        train, test = found["train"], Part("valid", found["valid"])
    else:
        train, test = found["train"] + found["valid"], Part("test", found["test"])
    epochs = {"window": args.epochs, "tune": args.tune_epochs}
    return Study(args.out, Part("train", train, EVERY), test, args.form, epochs)


def compare(args: argparse.Namespace) -> Runs:
    """Train and measure all systems, seed by seed."""
    plan = study_of(args)
    systems = script.chosen(args.systems, SYSTEMS)
    jobs = [
        (system, seed)
        for seed in range(1, args.seeds + 1)
        for system in systems
        if system.seeded or seed == 1
    ]
    runs: Runs = {system.name: [] for system in systems}
    with tqdm(jobs, unit="model") as bar:
        for system, seed in bar:
            bar.set_description(f"{system.title}, seed {seed}")
            runs[system.name].append(measured(plan, system, seed))
    return runs


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="PATH.npz",
                        help="melodies with meters, groups of variants and chords")  # fmt: skip
    parser.add_argument(
        "--systems", default=",".join(SYSTEMS), help="rows of the table, with commas between them"
    )
    script.add_counts(
        parser,
        (
            ("seeds", 5, "nets of each system"),
            ("epochs", 50, "epochs of the nets of windows"),
            ("tune-epochs", 8, "epochs of the nets of whole tunes"),
        ),
    )
    parser.add_argument("--form", choices=FORMS, default=FORMS[0],
                        help="training of the nets of windows; `window`: literally")  # fmt: skip
    parser.add_argument("--hold-out", action="store_true", help="measure on valid, not on test")
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="folder of nets and readings")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    return script.run(lambda: study(args))


def study(args: argparse.Namespace) -> None:
    """Measure, and write the results."""
    runs = compare(args)
    call = script.command(NAME, _options(args))
    found = records(runs, call)
    publish(NAME, found, args.results, page.text(found, call, regime_page.section()))
    picture.draw(found, runs, args.results / f"{NAME}.png")


def _options(args: argparse.Namespace) -> list[str]:
    """Return the corpus, and the options that differ from their defaults."""
    usual = _arguments().parse_args(["--corpus", "x"])
    options = script.changed(args, usual, ("systems", "seeds", "epochs", "tune_epochs", "form"))
    return [f"--corpus={args.corpus}", *options, *["--hold-out"] * args.hold_out]


if __name__ == "__main__":
    sys.exit(main())
