"""Models of piano rolls on the public sets, beside the table of the RNN-DBN paper (000).

`python -m benchmarks.polyphony --set jsb=PATH --set nottingham=PATH …` trains the models missing in
`--out`, measures them on the test splits, and writes `results/polyphony.{json,md,png}`. An
interrupted run resumes.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks import script
from benchmarks.polyphony import page, picture
from benchmarks.polyphony.adapting import adapted_nats
from benchmarks.polyphony.claims import Runs
from benchmarks.polyphony.records import Findings, records
from benchmarks.polyphony.runs import Measured, Study, declared, measured, moved, trained
from benchmarks.polyphony.speed import step_times
from benchmarks.polyphony.systems import SYSTEMS, System
from benchmarks.record import RESULTS, Readings, Record, publish
from export.corpus.rolls import RollSet, load_rolls
from export.papers.rnn_dbn.ais import Annealing
from export.papers.rnn_dbn.estimates import Budget
from stream.errors import SettingsError

NAME = "polyphony"
RAW_SYSTEMS = "note-ngram,rnn-rbm,rnn-nade"
"""Systems that are also trained in raw keys, one of each kind."""


def study_of(args: argparse.Namespace) -> Study:
    """Return the study of these arguments. Raises `SettingsError` for invalid ones."""
    script.require_positive(args, "seeds", "betas", "chains")
    if not args.effort > 0:
        raise SettingsError(f"--effort {args.effort:g}: must be more than 0")
    if not args.minutes_per_model >= 0:
        raise SettingsError(f"--minutes-per-model {args.minutes_per_model:g}: must be 0 or more")
    if args.turns < 0:
        raise SettingsError(f"--turns {args.turns}: must be 1 or more, or 0 for no timing")
    if args.frames < 0:
        raise SettingsError(f"--frames {args.frames}: must be 1 or more, or 0 for all")
    return Study(
        args.out, args.seeds, args.effort, args.minutes_per_model,
        Annealing(args.betas, args.chains), Budget(args.frames, args.samples),
        _trained(args.trained),
    )  # fmt: skip


def _trained(words: Sequence[str]) -> dict[tuple[str, str], list[Path]]:
    found: dict[tuple[str, str], list[Path]] = {}
    for word in words:
        name, equals, path = word.partition("=")
        system, slash, of = name.partition("/")
        if not (equals and slash and path and of) or system not in SYSTEMS:
            raise SettingsError(
                f"--trained {word}: must read SYSTEM/SET=CHECKPOINT.npz, as note-list/jsb=best.npz"
            )
        found.setdefault((system, of), []).append(Path(path))
    return found


def work(args: argparse.Namespace, found: RollSet) -> list[tuple[System, RollSet]]:
    """Return the systems to train on this set and on its raw keys, in the order of training."""
    systems, raw = (script.chosen(words, SYSTEMS) for words in (args.systems, args.raw))
    other = moved(found) if raw else found
    return [(s, found) for s in systems] + [(s, other) for s in raw if s in systems]


def compare(args: argparse.Namespace) -> list[Record]:
    """Train and measure all systems, and return the records."""
    study, sets = study_of(args), load_rolls(args.sets)
    pairs = [pair for found in sets for pair in work(args, found)]
    adapting = script.chosen(args.adapted, SYSTEMS)
    found = Findings(
        _readings(study, pairs),
        {rolls.name: sum(map(len, rolls.test)) for _, rolls in pairs},
        {(s.name, rolls.name): declared(study, s, rolls) for s, rolls in pairs},
        step_times(
            {(s.name, rolls.name): trained(study, s, rolls, 1) for s, rolls in pairs}, args.turns
        ),
        {
            (s.name, rolls.name): Readings(tuple(adapted_nats(study, s, rolls)))
            for s, rolls in pairs
            if s in adapting
        },
    )
    call = script.command(NAME, [f"--set={word}" for word in args.sets] + _options(args))
    return [dataclasses.replace(r, command=call) for r in records(found)]


def _readings(study: Study, pairs: Sequence[tuple[System, RollSet]]) -> Runs:
    """Return the readings by system and set, one for each seed, measured seed by seed."""
    jobs = [
        (system, found, seed)
        for seed in range(1, max(study.count(s, f.name) for s, f in pairs) + 1)
        for system, found in pairs
        if seed <= study.count(system, found.name)
    ]
    runs: dict[tuple[str, str], list[Measured]] = {(s.name, f.name): [] for s, f in pairs}
    with tqdm(jobs, unit="model") as bar:
        for system, found, seed in bar:
            bar.set_description(f"{system.title}, {found.name}, seed {seed}")
            reading = measured(study, system, found, seed)
            runs[system.name, found.name].append(reading)
            tqdm.write(f"{found.name} {system.name} {seed}: {reading.nats:.3f}", file=sys.stderr)
    return runs


def _options(args: argparse.Namespace) -> list[str]:
    """Return the options that affect the figures and differ from their defaults."""
    usual = _arguments().parse_args(["--set", ""])
    names = ("systems", "raw", "seeds", "effort", "minutes_per_model", "betas", "chains",
             "frames", "samples", "turns", "adapted")  # fmt: skip
    options = script.changed(args, usual, names)
    for word in args.trained:
        name, _, path = word.partition("=")
        options.append(f"--trained={name}={_of_runs(Path(path))}")
    return options


def _of_runs(path: Path) -> str:
    """Return the path that a checkpoint has in a fresh clone, below `runs`."""
    parts = path.parts
    if "runs" in parts:
        return "/".join(parts[parts.index("runs") :])
    return "/".join(("runs", *parts[-2:]))


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets",
                        help="archive of a set: jsb, nottingham, muse or piano")  # fmt: skip
    parser.add_argument(
        "--systems", default=",".join(SYSTEMS), help="rows of the table, with commas between them"
    )
    parser.add_argument(
        "--raw", default=RAW_SYSTEMS, help="systems that are also trained in raw keys"
    )
    parser.add_argument("--trained", action="append", default=[], metavar="SYSTEM/SET=CHECKPOINT",
                        help="a model trained elsewhere; one for each seed")  # fmt: skip
    parser.add_argument("--adapted", default="note-list",
                        help="systems that are also measured as they adapt")  # fmt: skip
    parser.add_argument(
        "--minutes-per-model", type=float, default=0.0, help="longest training; 0: no limit"
    )
    parser.add_argument(
        "--effort",
        type=float,
        default=1.0,
        help="factor on the length of all plans; started runs resume",
    )
    script.add_counts(
        parser,
        (
            ("seeds", 3, "models of each system"),
            ("betas", 400, "temperatures of the annealing"),
            ("chains", 8, "chains of the annealing for each frame"),
            ("frames", 600, "test frames of estimated likelihoods; 0: all"),
            ("samples", 100, "samples of the bound for each frame"),
            ("turns", 12, "turns of timing the steps; 0: no timing"),
        ),
    )
    parser.add_argument("--out", type=Path, default=Path("runs") / NAME, metavar="DIR",
                        help="folder of models and readings")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)

    def study() -> None:
        found = compare(args)
        publish(NAME, found, args.results, page.text(found, found[0].command))
        picture.draw(found, args.results / f"{NAME}.png")

    return script.run(study)


if __name__ == "__main__":
    sys.exit(main())
