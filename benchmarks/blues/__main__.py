"""The blues (Eck & Schmidhuber 2002, 003): the paper's experiments, and the endless blues voice.

`python -m benchmarks.blues` trains ten networks of each experiment and the controls, lets them play
a hundred choruses, lets the voice play `--choruses`, and writes `results/blues.{json,md,png}`.
Results are stored in `--out`, and an interrupted run resumes there. `--paper MILLIONS` also trains
experiment 1 with the paper's own optimizer, for so many million steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from benchmarks import script
from benchmarks.blues import page, picture, stream
from benchmarks.blues.experiments import Group, Reading, groups, measured, online
from benchmarks.record import RESULTS, Readings, Record, publish
from export.blues.forms import STYLES
from stream.voices.spec import find_voice

NAME = "blues"
EXACT = "chord notes right"


def experiments(args: argparse.Namespace) -> list[Record]:
    """Return the figures of both experiments of the paper and of the controls."""
    found: list[Record] = []
    for group in groups(args.forget_sign, args.iterations, args.seeds, args.controls):
        found += _figures(group, measured(group, args.play, args.out), args.play)
    return found


def _figures(group: Group, readings: Sequence[Reading], choruses: int) -> Iterable[Record]:
    """Yield the figures of a group of networks."""
    where, n = f"{choruses} choruses", len(readings)
    lstm = not group.name.startswith("plain")
    exact = sum(r.chords == 1 for r in readings)
    yield Record(group.title, "training", _enough(group.budget.cycles), "",
                 sum(r.converged for r in readings), n=n,
                 paper=f"{n} of {n}" if lstm else "none")  # fmt: skip
    yield Record(group.title, where, "networks without a wrong chord note", "", exact, n=n,
                 paper=f"{n} of {n}" if lstm else "none")  # fmt: skip
    yield _mean(group, where, EXACT, [r.chords for r in readings], "all" if lstm else None)
    yield Record(group.title, where, "proved to repeat for ever", "",
                 sum(r.settled > 0 for r in readings), n=n)  # fmt: skip
    yield _mean(group, "training", "iterations", [float(r.iterations) for r in readings])
    if group.name == "song":
        yield _mean(group, where, "melody in scale", [r.in_scale for r in readings], "1")
        yield _mean(group, where, "new bars", [r.new_bars for r in readings], "at least 0.05")
        copied = float(sum(r.training_choruses for r in readings))
        yield Record(group.title, where, "training choruses played", "", copied, n=n, paper="none")


def _enough(cycles: int) -> str:
    return f"{cycles} {'cycle' if cycles == 1 else 'cycles'} right in free play"


def _mean(
    group: Group, where: str, measure: str, values: Sequence[float], beside: str | None = None
) -> Record:
    found = Readings(tuple(values))
    return Record(group.title, where, measure, "", found.mean, found.sd, len(values), beside)


def own_optimizer(args: argparse.Namespace) -> list[Record]:
    """Return experiment 1 with the paper's rates, trained step by step."""
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
    """Return the voice's figures: many streams of each style at once, and one long stream."""
    found = []
    each = -(-args.choruses // (len(STYLES) * args.rows))
    jobs = [(style, args.rows, each) for style in STYLES]
    jobs += [(args.alone_style, 1, args.alone)] if args.alone else []
    for style, rows, choruses in jobs:
        got = stream.measured(path, style, rows, choruses, args.out)
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
    """Return all records, and the path of the voice."""
    script.require_positive(args, "seeds", "controls", "iterations", "play", "choruses", "rows")
    path = None if args.voice == "none" else find_voice(args.voice)
    found = experiments(args)
    if args.paper > 0:
        found += own_optimizer(args)
    return (found + voice(args, path) if path else found), path


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    script.add_counts(
        parser,
        (
            ("seeds", 10, "networks of each experiment"),
            ("controls", 4, "networks of each control"),
            ("iterations", 40000, "most iterations of training; twice as many with a melody"),
            ("play", 100, "choruses played by each network"),
            ("choruses", 10000, "choruses played by the voice, all styles together"),
            ("rows", 50, "streams of a style at once"),
            ("alone", 1000, "choruses of a single long stream; 0: no such stream"),
        ),
    )
    parser.add_argument("--alone-style", choices=STYLES, default="jazz")
    parser.add_argument("--forget-sign", type=int, choices=(1, -1), default=1,
                        help="sign of the forget gates' biases; 1 as in the paper")  # fmt: skip
    parser.add_argument("--paper", type=float, default=0.0, metavar="MILLIONS")
    parser.add_argument("--voice", default=NAME, help="name or file of a voice, or none")
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    torch.set_num_threads(1)
    args = _arguments().parse_args(argv)

    def study() -> None:
        found, path = records(args)
        publish(NAME, found, args.results, page.text(found, script.command(NAME, argv)))
        picture.draw(args.out, path, args.results / f"{NAME}.png")

    return script.run(study)


if __name__ == "__main__":
    sys.exit(main())
