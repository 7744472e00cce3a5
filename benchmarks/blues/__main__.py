"""The blues (Eck & Schmidhuber 2002, 003): the paper's experiments, and the voice that goes on.

`python -m benchmarks.blues` trains ten networks of each experiment and the controls, lets them play
a hundred choruses, lets the voice play `--choruses`, and writes `results/blues.{json,md,png}`.
What is finished is kept in `--out`: cut short, it goes on where it was. `--paper MILLIONS` also
trains experiment 1 with the paper's own optimiser, for so many million steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from benchmarks.blues import page, picture, stream
from benchmarks.blues.experiments import Group, Reading, group, measured, online
from benchmarks.record import RESULTS, Readings, Record, command, publish
from export.blues.forms import STYLES
from stream.errors import SettingsError, StreamError
from stream.voices.spec import find_voice

NAME = "blues"
EXACT = "chord notes right"


def experiments(args: argparse.Namespace) -> list[Record]:
    """Both experiments of the paper and the controls."""
    found: list[Record] = []
    for what in group(args.forget_sign, args.iterations, args.seeds, args.controls):
        found += _figures(what, measured(what, args.play, args.out), args.play)
    return found


def _figures(what: Group, readings: Sequence[Reading], choruses: int) -> Iterable[Record]:
    """What a group of networks came to."""
    where, n = f"{choruses} choruses", len(readings)
    lstm = not what.name.startswith("plain")
    exact = sum(r.chords == 1 for r in readings)
    yield Record(what.title, "training", _enough(what.budget.cycles), "",
                 sum(r.converged for r in readings), n=n,
                 paper=f"{n} of {n}" if lstm else "none")  # fmt: skip
    yield Record(what.title, where, "networks without a wrong chord note", "", exact, n=n,
                 paper=f"{n} of {n}" if lstm else "none")  # fmt: skip
    yield _mean(what, where, EXACT, [r.chords for r in readings], "all" if lstm else None)
    yield Record(what.title, where, "proved to repeat for ever", "",
                 sum(r.settled > 0 for r in readings), n=n)  # fmt: skip
    yield _mean(what, "training", "iterations", [float(r.iterations) for r in readings])
    if what.name == "song":
        yield _mean(what, where, "melody in scale", [r.in_scale for r in readings], "1")
        yield _mean(what, where, "new bars", [r.new_bars for r in readings], "at least 0.05")
        copied = float(sum(r.training_choruses for r in readings))
        yield Record(what.title, where, "training choruses played", "", copied, n=n, paper="none")


def _enough(cycles: int) -> str:
    return f"{cycles} {'cycle' if cycles == 1 else 'cycles'} right in free play"


def _mean(
    what: Group, where: str, measure: str, values: Sequence[float], beside: str | None = None
) -> Record:
    found = Readings(tuple(values))
    return Record(what.title, where, measure, "", found.mean, found.sd, len(values), beside)


def own_optimiser(args: argparse.Namespace) -> list[Record]:
    """Experiment 1 with the paper's rates, a step at a time."""
    found = online(args.forget_sign, args.paper, args.out)
    system, where = "LSTM, the paper's optimiser", "training"
    return [
        Record(system, where, "steps heard", "", found["steps"]),
        Record(system, where, "longest run without a wrong note", "steps", found["longest"]),
        Record(
            system, where, _enough(1), "", found["converged"], paper="yes, 15-45 min in 2002"
        ),
        Record(system, where, "processor time", "min", found["cpu_seconds"] / 60),
    ]  # fmt: skip


def voice(args: argparse.Namespace, path: Path) -> list[Record]:
    """The voice: many streams at once, and one long one, of each style."""
    found = []
    each = -(-args.choruses // (len(STYLES) * args.rows))
    jobs = [(style, args.rows, each) for style in STYLES]
    jobs += [(args.alone_style, 1, args.alone)] if args.alone else []
    for style, rows, choruses in jobs:
        got = stream.heard(path, style, rows, choruses, args.out)
        system = f"voice {path.stem}, {style}"
        where = f"{rows} x {choruses} choruses"
        found += [
            Record(system, where, "half bars with the right chord", "", got.chords,
                   n=got.choruses, paper="all"),
            Record(system, where, "changes at the head of a half bar", "", got.held, paper="all"),
            Record(system, where, "chorus from which it is proved to repeat", "", got.settled),
            Record(system, where, "new bars of melody", "", got.new_bars, paper="at least 0.05"),
            Record(system, where, "melody in the style's scale", "", got.in_scale, paper="1"),
            Record(system, where, "melody notes a bar", "", got.notes),
        ]  # fmt: skip
    return found


def records(args: argparse.Namespace) -> tuple[list[Record], Path | None]:
    """Everything; and the voice."""
    for flag in ("seeds", "controls", "iterations", "play", "choruses", "rows"):
        if getattr(args, flag) < 1:
            raise SettingsError(f"--{flag} {getattr(args, flag)}: must be 1 or more")
    path = None if args.voice == "none" else find_voice(args.voice)
    found = experiments(args)
    if args.paper > 0:
        found += own_optimiser(args)
    return (found + voice(args, path) if path else found), path


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    for flag, default, about in (
        ("seeds", 10, "networks of each experiment"),
        ("controls", 4, "networks of each control"),
        ("iterations", 40000, "of training, at most; with a melody twice as many"),
        ("play", 100, "choruses that each network plays"),
        ("choruses", 10000, "that the voice plays, all styles together"),
        ("rows", 50, "streams of a style at once"),
        ("alone", 1000, "choruses of a single stream; 0: none"),
    ):
        parser.add_argument(f"--{flag}", type=int, default=default, help=about)
    parser.add_argument("--alone-style", choices=STYLES, default="jazz")
    parser.add_argument("--forget-sign", type=int, choices=(1, -1), default=1,
                        help="of the forget gates' biases: 1 as the paper prints them")  # fmt: skip
    parser.add_argument("--paper", type=float, default=0.0, metavar="MILLIONS")
    parser.add_argument("--voice", default=NAME, help="a name or a file, or none")
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    torch.set_num_threads(1)
    args = _arguments().parse_args(argv)
    try:
        found, path = records(args)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    publish(NAME, found, args.results)
    (args.results / f"{NAME}.md").write_text(page.text(found, command(NAME, argv)), "utf-8")
    picture.draw(args.out, path, args.results / f"{NAME}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
