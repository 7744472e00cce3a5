"""Recurrent cells at equal measured step time: bits per note beside microseconds.

Trains the models missing in `--runs` by the same short plan, and measures one step of each model's
int8 graph on one core, and bits per note on held-out tunes. The sizes are chosen so that a step of
16 candidates takes each cell as long as the first one, the former shipped size of RHN; a motif
memory comes on top. All systems read tunes as they are played. Models with outlines are left out:
their bits are of other events, and of what the outline leaves open.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from benchmarks import script
from benchmarks.record import RESULTS, Readings, Record, publish
from benchmarks.support.colors import BLACK, BLUE, GRAY, GREEN, PURPLE, VERMILION
from benchmarks.support.training import complete
from benchmarks.timing.compose import runtime_step, timed
from export.corpus.dataset import split_of
from export.corpus.read import load
from export.melody.evaluate import read, read_causal
from export.melody.styles import latent_points
from export.melody.to_voice import spec_of
from export.models.melody import CELLS, MelodyModel
from export.models.melody_config import HISTORIES
from export.step_graph import to_onnx
from export.training.checkpoint import load_model
from export.training.kinds import MELODIES
from stream.compose.tunes.tune import Melody
from stream.errors import SettingsError
from stream.voices.spec import append_spec

NAME = "cells"
COMPARED = tuple(name for name in HISTORIES if name != "bars")
"""Histories of models that read tunes as they are played."""
SYSTEMS = ("rhn-384-3", "lstm-512-1", "mingru-192-3", "mingru-192-3-motif")
CANDIDATES = (1, 16)
STEP, RATIO, CAUSAL = "one int8 step", "one int8 step / that of {}", "causal"
SPLITS = {"valid": "validation set", "test": "test set"}
PLAN = {"balance": 1, "seed": 1}
POINTS = 300
"""Most training tunes of a style whose latent points make its mean."""
COLORS = (BLACK, VERMILION, BLUE, GREEN, GRAY, PURPLE)
MARKS = {"reconstruction": "o", "ELBO": "D", CAUSAL: "s"}
LEVEL = 1.1
"""Steps that take at most this many times the time of the first count as equally fast."""


@dataclass(frozen=True, slots=True)
class System:
    """A model named `CELL-HIDDEN-DEPTH` or `CELL-HIDDEN-DEPTH-HISTORY`, as its run's folder."""

    cell: str
    hidden: int
    depth: int
    history: str = HISTORIES[0]


def parse(name: str) -> System:
    """Parse the name of a system. Raises `SettingsError`."""
    cell, *sizes = name.split("-")
    history = sizes.pop() if len(sizes) > 2 else HISTORIES[0]
    numbers = [int(s) for s in sizes if s.isdecimal()]
    if cell not in CELLS or history not in COMPARED or len(numbers) != 2 or len(sizes) != 2:
        raise SettingsError(f"--systems {name}: write CELL-HIDDEN-DEPTH, as {SYSTEMS[0]}")
    return System(cell, numbers[0], numbers[1], history)


def models(args: argparse.Namespace) -> tuple[dict[str, MelodyModel], list[Record]]:
    """Return the trained models, and their common plan as records."""
    found, plans = {}, []
    for name in args.systems:
        system, folder = asdict(parse(name)), args.runs / name
        complete(folder, args.corpus, {"model": "vrash", **system, "epochs": args.epochs, **PLAN})
        trained, found[name] = load_model(folder / "best.npz", MELODIES)
        plans.append({k: v for k, v in trained.plan.items() if not isinstance(v, list)})
    if any(plan != plans[0] for plan in plans):
        raise SettingsError(
            f"--runs {args.runs}: holds models trained by different plans; choose another folder"
        )
    options = ("epochs", "balance", "rate", "seed")
    return found, [Record("all", "plan of training", name, "", plans[0][name]) for name in options]


def stepping(systems: Mapping[str, MelodyModel], turns: int) -> list[Record]:
    """Return microseconds of a step of each, measured in turns, one reading per turn."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: _voice(name, model, Path(folder)) for name, model in systems.items()}
        for k in CANDIDATES:
            times = _in_turns({name: runtime_step(path, k) for name, path in paths.items()}, turns)
            first, *_ = times
            for name, values in times.items():
                ratio = [a / b for a, b in zip(values, times[first], strict=True)]
                where = f"K = {k}"
                found.append(_timing(name, where, STEP, "µs", values))
                found.append(_timing(name, where, RATIO.format(first), "", ratio))
    return found


def _timing(name: str, where: str, measure: str, unit: str, values: Sequence[float]) -> Record:
    readings = Readings(tuple(values))
    return Record(name, where, measure, unit, readings.median, readings.sd, len(values))


def _voice(name: str, model: MelodyModel, folder: Path) -> Path:
    """Write a voice file of the model without styles, which is enough for a step."""
    path = folder / f"{name}.onnx"
    graph = to_onnx.to_int8(to_onnx.to_onnx(model))
    path.write_bytes(append_spec(graph, spec_of(name, model, {})))
    return path


def _in_turns(
    steps: Mapping[str, Callable[[], object]], turns: int
) -> dict[str, tuple[float, ...]]:
    for step in steps.values():
        timed(step, 50)
    rounds = [{name: timed(step, 100) for name, step in steps.items()} for _ in range(turns)]
    return {name: tuple(r[name] for r in rounds) for name in steps}


def parameters(model: MelodyModel) -> int:
    """Return the number of parameters in the decoder and its heads."""
    return sum(p.numel() for part in (model.decoder, model.heads) for p in part.parameters())


def reading(name: str, model: MelodyModel, melodies: Sequence[Melody]) -> list[Record]:
    """Return the size, and the bits per note on both held-out sets."""
    found = [Record(name, "decoder and heads", "parameters", "", parameters(model))]
    parts = {s: [m for m in melodies if split_of(m) == s] for s in ("train", *SPLITS)}
    for split, where in SPLITS.items():
        whole = read(model, parts[split])
        causal = _causal(model, parts["train"], parts[split])
        bits = {"reconstruction": whole.reconstruction, "ELBO": whole.elbo, CAUSAL: causal}
        found += [Record(name, where, m, "bits/note", v, n=whole.notes) for m, v in bits.items()]
    return found


def _causal(model: MelodyModel, train: Sequence[Melody], tested: Sequence[Melody]) -> float:
    """Return causal bits per note, with the mean latent point of each style's training tunes."""
    bits, notes = [], []
    for style in dict.fromkeys(m.style for m in tested):
        own = [m for m in train if m.style == style]
        some = own[:: -(-len(own) // POINTS)]
        middle = torch.from_numpy(latent_points(model, some, 64).mean(0)).float()
        tunes = [m for m in tested if m.style == style]
        bits.append(read_causal(model, tunes, middle))
        notes.append(sum(len(m.tokens) for m in tunes))
    return float(np.average(bits, weights=notes))


def verdict(records: Sequence[Record]) -> list[Record]:
    """Return the gain on the first of the best equally fast system on the validation set."""
    first = records[0].system
    found = {(r.system, r.set, r.measure): r.value for r in records}
    names = dict.fromkeys(r.system for r in records)
    level = [n for n in names if found[n, "K = 16", RATIO.format(first)] <= LEVEL]
    best = min(level, key=lambda name: found[name, SPLITS["valid"], CAUSAL])
    chosen = f"wins: fewest on the validation set of steps at most {LEVEL} times as long"
    return [
        Record(best, where, f"{CAUSAL}, gain on {first}", "bits/note",
               found[first, where, CAUSAL] - found[best, where, CAUSAL], paper=chosen)
        for where in SPLITS.values()
    ]  # fmt: skip


def draw(records: Sequence[Record], path: Path) -> None:
    """Draw bits on the test set against the time of a step: below and to the left is better."""
    found = {(r.system, r.set, r.measure): r.value for r in records}
    names = list(dict.fromkeys(r.system for r in records if r.measure == STEP))
    drawing = Figure(figsize=(9, 3.8), layout="constrained")
    axes = drawing.subplots(1, 2, sharey=True)
    for axis, k in zip(axes, CANDIDATES, strict=True):
        for name, color in zip(names, COLORS, strict=False):
            for measure, mark in MARKS.items():
                at = found[name, f"K = {k}", STEP], found[name, SPLITS["test"], measure]
                axis.plot(*at, mark, color=color, markersize=7)
        axis.set_title(f"{k} candidate{'s' * (k > 1)}", fontsize=10)
        axis.set_xlabel("one int8 step, µs")
        axis.margins(0.2)
        axis.grid(color="#e5e7eb")
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("bits per note, test set (less is better)")
    for name, color in zip(names, COLORS, strict=False):
        axes[1].plot([], [], "o", color=color, label=name)
    for measure, mark in MARKS.items():
        axes[1].plot([], [], mark, color="#6b7280", fillstyle="none", label=measure)
    drawing.legend(loc="outside right center", frameon=False, fontsize=9)
    drawing.savefig(path, dpi=130)


def measured(args: argparse.Namespace) -> list[Record]:
    systems, plan = models(args)
    found = stepping(systems, args.turns)
    melodies, _ = load(args.corpus)
    for name, model in systems.items():
        found += reading(name, model, melodies)
    return [*found, *verdict(found), *plan]


def main(argv: list[str] | None = None) -> int:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/cells"), metavar="DIR")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, metavar="CELL-HIDDEN-DEPTH")
    parser.add_argument("--epochs", type=int, default=6, help="epochs of training")
    parser.add_argument("--turns", type=int, default=24)
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    def study() -> None:
        records = measured(args)
        publish(NAME, records, args.out)
        draw(records, args.out / f"{NAME}.png")

    return script.run(study)


if __name__ == "__main__":
    sys.exit(main())
