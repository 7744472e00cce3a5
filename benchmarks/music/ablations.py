"""Ablations of the melody voice: bits, realism and step time of models trained by one short plan.

Each system is trained on the tunes of one style for the same number of epochs, in a run of its own;
finished runs are read again. Bits per event are those of the evidence lower bound on held-out
tunes. A model of before reads tunes as they are played, with their repeats, which cost few bits;
the others read each strain once: compare bits among these only. Realism is the area under the curve
of trees that tell composed excerpts from held-out ones (`benchmarks.music.realism`), the same for
all. The outline of a tune always decides which bars are copied; a part of it that a model does not
read is drawn nevertheless.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks import script
from benchmarks.music import realism
from benchmarks.music.real.realism_copies import copies
from benchmarks.music.real.related import with_families
from benchmarks.music.real.style_tunes import style_of
from benchmarks.record import RESULTS, Readings, Record, publish
from benchmarks.support.resume import cached
from benchmarks.support.training import complete
from benchmarks.timing.compose import runtime_step, timed
from export.corpus.read import SCORES, load
from export.melody import copies as corpus_copies
from export.melody import corpora, styles
from export.melody.evaluate import read
from export.melody.to_voice import spec_of
from export.models.melody import MelodyModel
from export.models.step import state_width
from export.step_graph import to_onnx
from export.training.checkpoint import load_model
from export.training.kinds import MELODIES
from export.training.splits import train_and_valid
from stream.compose.tunes.tune import Melody
from stream.errors import SettingsError
from stream.voices.spec import append_spec

NAME = "ablations"
WHOLE = {"cell": "mingru", "history": "bars", "hidden": 192, "depth": 3, "average": 0.999}
SYSTEMS: Mapping[str, Mapping[str, str | int | float]] = {
    "motif memory, as before": {**WHOLE, "history": "motif"},
    "bar memory, outline unread": {**WHOLE, "outline": ""},
    "+ returns": {**WHOLE, "outline": "returns"},
    "+ bars that remain": {**WHOLE, "outline": "returns ends"},
    "+ notes of bars": {**WHOLE, "outline": "returns ends counts"},
    "+ registers and chords: whole": WHOLE,
    "whole, without averaged weights": {**WHOLE, "average": 0.0},
    "whole, hidden 320": {**WHOLE, "hidden": 320},
    "whole, Transformer": {**WHOLE, "cell": "transformer", "length": 512, "rows": 16},
}
"""Flags of `export.melody.train` by system."""
CANDIDATES = 16
MOST_STATE = 65_536
"""Most numbers of a state that a voice may have (`stream.voices.schema.STATE`)."""


def slug(name: str) -> str:
    """Return the name of a system as that of a file."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def trained(args: argparse.Namespace, name: str) -> MelodyModel:
    """Return the model of a system, which is trained if its run is not done."""
    folder = args.runs / slug(name)
    complete(folder, args.corpus, {"model": "vrash", **SYSTEMS[name], "epochs": args.epochs})
    model: MelodyModel = load_model(folder / "best.npz", MELODIES)[1]
    return model


def voice(model: MelodyModel, args: argparse.Namespace, name: str) -> Path:
    """Write the voice of a model into the folder of the runs; return its path."""
    melodies, _ = corpora.load(args.corpus, model.config.history)
    train, _ = train_and_valid(melodies)
    graph = to_onnx.to_int8(to_onnx.to_onnx(model))
    path: Path = args.runs / f"{slug(name)}.onnx"
    spec = spec_of("ablation", model, styles.describe(model, train))
    path.write_bytes(append_spec(graph, spec, corpus_copies.corpus_table(train)))
    return path


def measured(args: argparse.Namespace, name: str, own: list[Melody]) -> list[Record]:
    """Return the figures of one system, which are read again if it has been measured so before."""
    path = args.runs / f"{slug(name)}.json"
    request = {"epochs": args.epochs, "tunes": args.tunes, "seeds": args.seeds}
    rows = cached(path, request, lambda: {"rows": list(map(asdict, _measured(args, name, own)))})
    return [Record(**row) for row in rows["rows"]]


def _measured(args: argparse.Namespace, name: str, own: list[Melody]) -> list[Record]:
    """Return bits, realism, copies and step time of one system.

    A model whose state is too large for a voice has its bits and its state alone.
    """
    model = trained(args, name)
    melodies, _ = corpora.load(args.corpus, model.config.history)
    _, valid = train_and_valid(corpora.as_learned(melodies, model.config))
    style = own[0].style
    found = read(model, valid)
    size = sum(p.numel() for part in (model.decoder, model.heads) for p in part.parameters())
    where = f"{style}, validation set"
    rows = [
        Record(name, "decoder and heads", "parameters", "", size),
        Record(name, where, "ELBO", "bits/event", found.elbo, n=found.notes),
        Record(name, "state", "numbers", "", state_width(model), paper=f"at most {MOST_STATE:,}"),
    ]
    if state_width(model) > MOST_STATE:
        return rows
    path = voice(model, args, name)
    options = realism.parser().parse_args([
        *(f"--corpus={spec}" for spec in args.corpus), f"--voice={path}",
        f"--tunes={args.tunes}", f"--seeds={args.seeds}",
    ])  # fmt: skip
    tunes = realism.composed(options, style)
    table = style_of(style, own, tunes, args.tunes)
    for length in realism.LENGTHS.get(style, realism.USUAL):
        areas = realism.against_held(table, length, options)
        where = f"{style}, {length} notes"
        rows.append(Record(name, where, "AUC", "", areas.mean, areas.sd, len(areas.values)))
    rows += [
        Record(name, r.set, r.measure, r.unit, r.value, n=r.n)
        for r in copies(style, own, tunes) if r.system == "composed"
    ]  # fmt: skip
    step = runtime_step(path, CANDIDATES)
    timed(step, 50)
    times = Readings(tuple(timed(step, 100) for _ in range(args.turns)))
    where = f"K = {CANDIDATES}"
    return [*rows, Record(name, where, "one int8 step", "µs", times.median, times.sd, args.turns)]


def main(argv: list[str] | None = None) -> int:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/ablations"), metavar="DIR")
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), metavar="NAME")
    script.add_counts(
        parser,
        [
            ("epochs", 6, "epochs of training"),
            ("tunes", 300, "composed tunes of each system"),
            ("seeds", 5, "divisions into folds"),
            ("turns", 24, "readings of a step's time"),
        ],
    )
    args = parser.parse_args(argv)
    torch.set_num_threads(1)

    def study() -> None:
        for name in args.systems:
            if name not in SYSTEMS:
                raise SettingsError(f"--systems {name}: must be among {', '.join(SYSTEMS)}")
        melodies, _ = load(args.corpus, SCORES)
        if len({m.style for m in melodies}) > 1:
            raise SettingsError("--corpus: give the corpora of one style")
        own = with_families(melodies)
        found = [row for name in args.systems for row in measured(args, name, own)]
        publish(NAME, found, RESULTS)

    return script.run(study)


if __name__ == "__main__":
    sys.exit(main())
