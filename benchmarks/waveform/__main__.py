"""LSTM and GRU on blocks of sound, and our model beside them.

`python -m benchmarks.waveform --corpus runs/wave/corpus --test runs/wave/test` writes
results/waveform.{json,md,png}. `python -m export.wave.render --out runs/wave/corpus` makes the
corpus; the same with `--seed 501 --pieces 4 --out runs/wave/test` makes pieces to test on. Models
and readings are stored in `--out`, and an interrupted run resumes. With three seeds it takes about
25 minutes of one core. The paper's size: `--rate 44100 --hidden 2048 --device cuda --only-paper`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks import record, script
from benchmarks.support.resume import cached
from benchmarks.waveform import measured, page, picture, spectra, verdicts
from benchmarks.waveform.runs import block_model, configuration, corpus, partial_model, tested
from benchmarks.waveform.systems import (
    CURVE,
    CURVE_STYLE,
    OURS,
    REAL,
    REPEAT,
    SILENCE,
    STYLES,
    SYSTEMS,
    TITLES,
    Study,
    System,
)  # fmt: skip
from export.models.wave.block_rnn import parameters

Found = dict[tuple[str, str], list[dict[str, float]]]
NAME = "waveform"


def measure(study: Study, *, own: bool) -> Found:
    """Return the figures by system and style, a dictionary for each seed."""
    found: Found = {}
    for style in STYLES:
        for title, facts in _baselines(study, style).items():
            found[title, style] = [facts]
        for system in SYSTEMS.values():
            runs = [_blocks(study, system, style, seed) for seed in range(1, study.seeds + 1)]
            found[system.title, style] = runs
        if own:
            runs = [_partials(study, style, seed) for seed in range(1, study.seeds + 1)]
            found[TITLES[OURS], style] = runs
    return found


def _baselines(study: Study, style: str) -> dict[str, dict[str, float]]:
    hop = configuration(study, SYSTEMS["lstm"]).hop

    def compute() -> dict[str, Any]:
        return dict(measured.of_baselines(tested(study, style), study.rate, hop))

    request = {"rate": study.rate, "test": str(study.test)}
    facts = cached(study.out / style / "baselines.json", request, compute)
    return {REAL: facts["real"], REPEAT: facts["repeat"], SILENCE: facts["silence"]}


def _blocks(study: Study, system: System, style: str, seed: int) -> dict[str, float]:
    model, facts = block_model(study, system, style, seed)
    path = study.out / style / f"{system.name}-{seed}.json"
    request = {"epochs": study.epochs, "dev": facts["best"], "test": str(study.test)}
    rest = cached(path, request, lambda: dict(measured.of_blocks(model, tested(study, style))))
    return {"dev": facts["best"], **rest, "parameters": float(parameters(model))}


def _partials(study: Study, style: str, seed: int) -> dict[str, float]:
    model, facts = partial_model(study, seed)
    found, hop = tested(study, style), configuration(study, SYSTEMS["lstm"]).hop
    request = {
        "epochs": study.own_epochs, "dev": facts["best"], "minutes": study.minutes,
        "test": str(study.test),
    }  # fmt: skip

    def compute() -> dict[str, Any]:
        made = measured.of_partials(model, style, found, hop)
        if seed == 1:
            first = found.dev[0].samples[: measured.SEED * study.rate]
            made |= measured.endless(model, study, style, first)
        return made

    rest = cached(study.out / style / f"{OURS}-{seed}.json", request, compute)
    return {**rest, "parameters": float(parameters(model))}


def curve(study: Study) -> dict[str, dict[int, float]]:
    """Return the first seed's dev MSE by cell and width."""
    return {
        title: {
            width: block_model(study, System("", "", cell, width), CURVE_STYLE, 1)[1]["best"]
            for width in study.widths
        }
        for cell, title in (("lstm", "LSTM"), ("gru", "GRU"))
    }


def publish(study: Study, found: Found, widths: Mapping[str, Mapping[int, float]]) -> None:
    """Write the three files."""
    call = script.command(NAME)
    records = page.records(found) + [
        record.Record(f"{cell}, H = {width}", CURVE_STYLE, page.MEASURES["dev"][0], "", error)
        for cell, points in widths.items()
        for width, error in points.items()
    ]
    picture.draw(spectra.means(study), widths, record.RESULTS / f"{NAME}.png", study.rate)
    pieces = corpus(study, CURVE_STYLE)
    counts = f"{len(pieces.train)} to train on, {len(pieces.dev)} in the dev set"
    if study.test:
        counts += f", {len(tested(study, CURVE_STYLE).dev)} to test on (all figures are of these)"
    text = page.text(records, verdicts.verdicts(found, widths), counts, call)
    record.publish(NAME, records, page=text)


def _arguments() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpus", type=Path, default=Path("runs/wave/corpus"), metavar="FOLDER")
    parser.add_argument(
        "--test",
        type=Path,
        metavar="FOLDER",
        help="other pieces to test on, in place of the dev pieces",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/waveform"), metavar="FOLDER")
    script.add_counts(
        parser,
        (
            ("seeds", 3, "models of each system"),
            ("epochs", 24, "epochs of the paper's networks"),
            ("own-epochs", 60, "epochs of our model"),
            ("rate", 11_025, "sample rate in Hz"),
            ("hidden", 256, "width of the paper's networks"),
        ),
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the endless stream")
    parser.add_argument(
        "--widths", type=int, nargs="+", default=CURVE, metavar="N", help="widths of the curve"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--only-paper",
        action="store_true",
        help="only measure the paper's networks, and print the figures",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is not stored yet, and write the results."""
    torch.set_num_threads(1)
    args = vars(_arguments().parse_args(argv))
    only = args.pop("only_paper")
    study = Study(**{**args, "widths": tuple(args["widths"])})
    begun = time.monotonic()

    def action() -> None:
        found = measure(study, own=not only)
        if only:
            print(json.dumps({f"{title}, {style}": runs for (title, style), runs in found.items()}))
        else:
            publish(study, found, curve(study))
        print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)

    return script.run(action)


if __name__ == "__main__":
    sys.exit(main())
