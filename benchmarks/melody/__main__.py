"""The melody poster (001) measured again: nets against n-grams, eight segments a measure.

`python -m benchmarks.melody --corpus PATH.npz` trains what is missing in `--out`, measures it, and
writes `results/melody.{json,md,png}`. Cut short, it goes on where it was. With `--hold-out` a part
of the training tunes takes the place of the test tunes: so everything was chosen.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks.melody import page, picture
from benchmarks.melody.parts import Part
from benchmarks.melody.records import Runs, records
from benchmarks.melody.runs import Study, measured
from benchmarks.melody.systems import SYSTEMS, chosen
from benchmarks.record import RESULTS, command, publish
from export.papers.melody_lstm.segments import read_leads, splits
from export.papers.melody_lstm.window_model import FORMS
from stream.errors import SettingsError, StreamError

NAME = "melody"
EVERY = 8
"""Training windows are asked one in so many."""


def study_of(args: argparse.Namespace) -> Study:
    """What the arguments ask for; `SettingsError` for what can not be done."""
    for flag in ("seeds", "epochs", "tune_epochs"):
        if getattr(args, flag) < 1:
            raise SettingsError(
                f"--{flag.replace('_', '-')} {getattr(args, flag)}: must be 1 or more"
            )
    found = splits(read_leads(args.corpus))
    if not all(found.values()):
        raise SettingsError(f"--corpus {args.corpus}: has too few groups of tunes to be split")
    if args.hold_out:
        train, heard = found["train"], Part("valid", found["valid"])
    else:
        train, heard = found["train"] + found["valid"], Part("test", found["test"])
    epochs = {"window": args.epochs, "tune": args.tune_epochs}
    return Study(args.out, Part("train", train, EVERY), heard, args.form, epochs)


def compare(args: argparse.Namespace) -> Runs:
    """Train and measure everything, seed by seed."""
    study = study_of(args)
    systems = chosen([word for word in args.systems.split(",") if word])
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
            runs[system.name].append(measured(study, system, seed))
    return runs


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="PATH.npz",
                        help="melodies with metres, groups of variants and chords")  # fmt: skip
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="rows of the table")
    parser.add_argument("--seeds", type=int, default=5, help="nets of each system")
    parser.add_argument("--epochs", type=int, default=50, help="of the nets of windows")
    parser.add_argument("--tune-epochs", type=int, default=8, help="of the nets of whole tunes")
    parser.add_argument("--form", choices=FORMS, default=FORMS[0],
                        help="of training the nets of windows; `window`: literally")  # fmt: skip
    parser.add_argument("--hold-out", action="store_true", help="measure on valid, not on test")
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="where nets and readings are kept")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    try:
        runs = compare(args)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    call = command(NAME, _said(args))
    found = records(runs, call)
    publish(NAME, found, args.results)
    (args.results / f"{NAME}.md").write_text(page.text(found, call), encoding="utf-8")
    picture.draw(found, runs, args.results / f"{NAME}.png")
    return 0


def _said(args: argparse.Namespace) -> list[str]:
    """The corpus, and the options that are not as by default."""
    usual = _arguments().parse_args(["--corpus", "x"])
    options = [
        f"--{name.replace('_', '-')}={getattr(args, name)}"
        for name in ("systems", "seeds", "epochs", "tune_epochs", "form")
        if getattr(args, name) != getattr(usual, name)
    ]
    return [f"--corpus={args.corpus}", *options, *["--hold-out"] * args.hold_out]


if __name__ == "__main__":
    sys.exit(main())
