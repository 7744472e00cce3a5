"""The comparison of paper 002: untrained, LM, VAE and VRASH at equal parameter count.

Trains what is missing in `--runs`, evaluates on held-out tunes, plays as many tunes as the corpus
has, and writes `results/vrash.{json,md,png}` and `results/vrash_memory.png`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.record import RESULTS, Record, command
from benchmarks.vrash import page, picture
from benchmarks.vrash.acceptance import Bounds, voice_bounds
from benchmarks.vrash.likelihood import bounded, readings
from benchmarks.vrash.listening import Heard, Scope, hear
from benchmarks.vrash.memory import FAR, Effort
from benchmarks.vrash.reasons import reasons
from benchmarks.vrash.repetition import repetition
from benchmarks.vrash.runs import Study, parse_hidden, train_missing, trained, untrained
from export.corpus.dataset import split_of
from export.corpus.read import load
from export.models.melody import MelodyModel
from stream.config.settings import DEFAULT_VOICE
from stream.errors import StreamError

NAME = "vrash"

Systems = Mapping[str, Sequence[MelodyModel]]


def compare(args: argparse.Namespace) -> tuple[list[Record], dict[str, Heard]]:
    """Everything that is measured."""
    study = Study(
        args.corpus, args.runs, parse_hidden(args.hidden), args.encoder_hidden, args.epochs,
        range(1, args.seeds + 1),
    )  # fmt: skip
    bounds = voice_bounds(args.voice)
    melodies, reports = load(args.corpus)
    styles = list(dict.fromkeys(r.style for r in reports))
    unknown = [style for style in styles if style not in bounds]
    if unknown:
        raise StreamError(
            f"style {unknown[0]}: voice {args.voice} has no bounds for it; give one that has"
        )
    train_missing(study)
    systems = trained(study)
    fresh = {"untrained": untrained(systems["VRASH"][0], study.seeds)}
    test = [m for m in melodies if split_of(m) == "test"]
    records = readings(systems | fresh, test, styles[0])
    records += bounded(systems, test, tunes=args.bound_tunes, samples=args.samples)
    scope = Scope(args.tunes, args.rounds, args.farthest, Effort(args.shuffles, args.resamples))
    across = dict(pair.split("=") for pair in args.across)
    heard = {
        style: hear(style, systems, melodies, _filters(bounds, style, across), scope)
        for style in styles
    }
    records += _repetition(heard) + [r for h in heard.values() for r in h.records]
    return records + reasons(styles[0], systems, melodies, args.tunes, args.farthest), heard


def _filters(
    bounds: Mapping[str, Bounds], style: str, across: Mapping[str, str]
) -> dict[str, Bounds]:
    names = [style, *([across[style]] if style in across else [])]
    return {name: bounds[name] for name in names}


def _repetition(heard: Mapping[str, Heard]) -> list[Record]:
    records = repetition("real", [{style: h.real for style, h in heard.items()}])
    some = next(iter(heard.values()))
    for name, seeds in some.played.items():
        sets = [{style: h.played[name][i] for style, h in heard.items()} for i in range(len(seeds))]
        records += repetition(name, sets)
    return records


def publish(records: Sequence[Record], heard: Mapping[str, Heard], folder: Path) -> None:
    """Write the records, the page and its pictures."""
    call = command(NAME)
    records = [dataclasses.replace(r, command=call) for r in records]
    folder.mkdir(parents=True, exist_ok=True)
    documents = [dataclasses.asdict(r) for r in records]
    lines = ",\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / f"{NAME}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    (folder / f"{NAME}.md").write_text(page.text(records, call), encoding="utf-8")
    picture.draw_entropies(records, folder / f"{NAME}.png")
    curves = {style: h.curves for style, h in heard.items() if h.curves}
    if curves:
        picture.draw_memory(curves, folder / f"{NAME}_memory.png")
    print(json.dumps(documents, ensure_ascii=False))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH",
                        help="the first style's figures are also given alone")  # fmt: skip
    parser.add_argument("--runs", type=Path, default=Path("runs/compare"), metavar="DIR")
    parser.add_argument("--voice", default=DEFAULT_VOICE, help="its filter is applied")
    parser.add_argument("--across", action="append", default=[], metavar="STYLE=OTHER",
                        help="filter this style with the bounds of another, too")  # fmt: skip
    parser.add_argument("--hidden", default="vrash=256,lm=292,vae=272")
    parser.add_argument("--encoder-hidden", type=int, default=128)
    for flag, default, about in (
        ("epochs", 8, "of training"),
        ("seeds", 3, "models of each family"),
        ("bound-tunes", 60, "test tunes of the bounds"),
        ("samples", 100, "latent points a segment of the bounds"),
        ("tunes", 1000, "at most, of each style"),
        ("rounds", 8, "tunes offered to the filter for each place"),
        ("farthest", FAR, "distance, notes"),
        ("shuffles", 20, "of each source"),
        ("resamples", 100, "of each source"),
    ):
        parser.add_argument(f"--{flag}", type=int, default=default, help=about)
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    try:
        records, heard = compare(args)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    publish(records, heard, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
