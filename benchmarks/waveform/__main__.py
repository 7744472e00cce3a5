"""LSTM and GRU on blocks of sound, and our model beside them.

`python -m benchmarks.waveform --corpus runs/wave/corpus --test runs/wave/test` makes
results/waveform.{json,md,png}; the corpus is made by `python -m export.wave.render --out
runs/wave/corpus`, other pieces to tell of by the same with `--seed 501 --pieces 4 --out
runs/wave/test`. What was trained and measured is kept in `--out`: a run that was broken off goes
on. With three seeds it takes about 25 minutes of one core. The paper's size:
`--rate 44100 --hidden 2048 --device cuda --only-paper`.
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

from benchmarks import record
from benchmarks.support.resume import kept
from benchmarks.waveform import measured, page, picture, spectra, verdicts
from benchmarks.waveform.runs import block_model, configuration, corpus, partial_model, told_of
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
from stream.errors import StreamError

Found = dict[tuple[str, str], list[dict[str, float]]]
NAME = "waveform"


def measure(study: Study, *, own: bool) -> Found:
    """Figures by system and style, a dictionary a seed."""
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

    def make() -> dict[str, Any]:
        return dict(measured.of_baselines(told_of(study, style), study.rate, hop))

    asked = {"rate": study.rate, "test": str(study.test)}
    facts = kept(study.out / style / "baselines.json", asked, make)
    return {REAL: facts["real"], REPEAT: facts["repeat"], SILENCE: facts["silence"]}


def _blocks(study: Study, system: System, style: str, seed: int) -> dict[str, float]:
    model, facts = block_model(study, system, style, seed)
    path = study.out / style / f"{system.name}-{seed}.json"
    asked = {"epochs": study.epochs, "dev": facts["best"], "test": str(study.test)}
    rest = kept(path, asked, lambda: dict(measured.of_blocks(model, told_of(study, style))))
    return {"dev": facts["best"], **rest, "parameters": float(parameters(model))}


def _partials(study: Study, style: str, seed: int) -> dict[str, float]:
    model, facts = partial_model(study, seed)
    found, hop = told_of(study, style), configuration(study, SYSTEMS["lstm"]).hop
    asked = {
        "epochs": study.own_epochs, "dev": facts["best"], "minutes": study.minutes,
        "test": str(study.test),
    }  # fmt: skip

    def make() -> dict[str, Any]:
        made = measured.of_partials(model, style, found, hop)
        if seed == 1:
            first = found.dev[0].samples[: measured.SEED * study.rate]
            made |= measured.alive(model, study, style, first)
        return made

    rest = kept(study.out / style / f"{OURS}-{seed}.json", asked, make)
    return {**rest, "parameters": float(parameters(model))}


def curve(study: Study) -> dict[str, dict[int, float]]:
    """Dev MSE by cell and width, of the first seed."""
    return {
        title: {
            width: block_model(study, System("", "", cell, width), CURVE_STYLE, 1)[1]["best"]
            for width in study.widths
        }
        for cell, title in (("lstm", "LSTM"), ("gru", "GRU"))
    }


def publish(study: Study, found: Found, widths: Mapping[str, Mapping[int, float]]) -> None:
    """Write the three files."""
    call = record.command(NAME)
    records = page.records(found) + [
        record.Record(f"{cell}, H = {width}", CURVE_STYLE, page.MEASURES["dev"][0], "", error)
        for cell, points in widths.items()
        for width, error in points.items()
    ]
    picture.draw(spectra.means(study), widths, record.RESULTS / f"{NAME}.png", study.rate)
    record.publish(NAME, records)
    pieces = corpus(study, CURVE_STYLE)
    counts = f"{len(pieces.train)} to train on, {len(pieces.dev)} in the dev set"
    if study.test:
        counts += f", {len(told_of(study, CURVE_STYLE).dev)} to test on, which are told of"
    text = page.text(records, verdicts.verdicts(found, widths), counts, call)
    (record.RESULTS / f"{NAME}.md").write_text(text, encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waveform", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("runs/wave/corpus"), metavar="FOLDER")
    parser.add_argument(
        "--test", type=Path, metavar="FOLDER", help="other pieces to tell of, not the dev ones"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/waveform"), metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument(
        "--epochs", type=int, default=24, metavar="N", help="of the paper's networks"
    )
    parser.add_argument("--own-epochs", type=int, default=60, metavar="N", help="of ours")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="that an endless stream is watched"
    )
    parser.add_argument("--rate", type=int, default=11_025, metavar="HZ")
    parser.add_argument("--hidden", type=int, default=256, metavar="N")
    parser.add_argument(
        "--widths", type=int, nargs="+", default=CURVE, metavar="N", help="of the curve"
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--only-paper", action="store_true", help="print the paper's networks' figures"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what has not been measured, and write the results."""
    torch.set_num_threads(1)
    args = vars(_arguments().parse_args(argv))
    only = args.pop("only_paper")
    study = Study(**{**args, "widths": tuple(args["widths"])})
    begun = time.monotonic()
    try:
        found = measure(study, own=not only)
        if only:
            print(json.dumps({f"{title}, {style}": runs for (title, style), runs in found.items()}))
        else:
            publish(study, found, curve(study))
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
