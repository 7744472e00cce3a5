"""The comparison of paper 002: untrained, LM, VAE and VRASH at equal parameter count.

Trains the models missing in `--runs`, evaluates them on held-out tunes, plays as many tunes as the
corpus has, and writes `results/vrash.{json,md,png}` and `results/vrash_memory.png`. The test tunes
of the first style are also evaluated alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import record, script
from benchmarks.record import RESULTS, Record
from benchmarks.vrash import page, picture
from benchmarks.vrash.acceptance import Bounds, voice_bounds
from benchmarks.vrash.likelihood import bounded, readings
from benchmarks.vrash.listening import Played, Scope, play
from benchmarks.vrash.memory import FAR, Effort
from benchmarks.vrash.reasons import reasons
from benchmarks.vrash.repetition import repetition
from benchmarks.vrash.runs import Study, parse_hidden, train_missing, trained, untrained
from export.corpus.dataset import split_of
from export.corpus.read import load
from stream.config.settings import DEFAULT_VOICE
from stream.errors import StreamError

NAME = "vrash"


def compare(args: argparse.Namespace) -> tuple[list[Record], dict[str, Played]]:
    """Return all records, and the played tunes by style."""
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
            f"style {unknown[0]}: voice {args.voice} has no bounds for it; choose another voice"
        )
    train_missing(study)
    systems = trained(study)
    fresh = {"untrained": untrained(systems["VRASH"][0], study.seeds)}
    test = [m for m in melodies if split_of(m) == "test"]
    records = readings(systems | fresh, test, styles[0])
    records += bounded(systems, test, tunes=args.bound_tunes, samples=args.samples)
    scope = Scope(args.tunes, args.rounds, args.farthest, Effort(args.shuffles, args.resamples))
    across = dict(pair.split("=") for pair in args.across)
    tunes = {
        style: play(style, systems, melodies, _filters(bounds, style, across), scope)
        for style in styles
    }
    records += _repetition(tunes) + [r for p in tunes.values() for r in p.records]
    return records + reasons(styles[0], systems, melodies, args.tunes, args.farthest), tunes


def _filters(
    bounds: Mapping[str, Bounds], style: str, across: Mapping[str, str]
) -> dict[str, Bounds]:
    names = [style, *([across[style]] if style in across else [])]
    return {name: bounds[name] for name in names}


def _repetition(tunes: Mapping[str, Played]) -> list[Record]:
    records = repetition("real", [{style: p.real for style, p in tunes.items()}])
    some = next(iter(tunes.values()))
    for name, seeds in some.played.items():
        sets = [{style: p.played[name][i] for style, p in tunes.items()} for i in range(len(seeds))]
        records += repetition(name, sets)
    return records


def publish(records: Sequence[Record], tunes: Mapping[str, Played], folder: Path) -> None:
    """Write the records, the page and its pictures."""
    record.publish(NAME, records, folder, page.text(records, script.command(NAME)))
    picture.draw_entropies(records, folder / f"{NAME}.png")
    curves = {style: p.curves for style, p in tunes.items() if p.curves}
    if curves:
        picture.draw_memory(curves, folder / f"{NAME}_memory.png")


def _arguments() -> argparse.ArgumentParser:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/compare"), metavar="DIR")
    parser.add_argument("--voice", default=DEFAULT_VOICE, help="voice whose filter is applied")
    parser.add_argument("--across", action="append", default=[], metavar="STYLE=OTHER",
                        help="also filter this style with the bounds of another")  # fmt: skip
    parser.add_argument("--hidden", default="vrash=256,lm=292,vae=272", help="width by model")
    parser.add_argument("--encoder-hidden", type=int, default=128)
    script.add_counts(
        parser,
        (
            ("epochs", 8, "epochs of training"),
            ("seeds", 3, "models of each family"),
            ("bound-tunes", 60, "test tunes for the bounds"),
            ("samples", 100, "latent points per segment for the bounds"),
            ("tunes", 1000, "most tunes of each style"),
            ("rounds", 8, "most tunes offered to the filter for each place"),
            ("farthest", FAR, "largest distance in notes"),
            ("shuffles", 20, "shuffles of each source"),
            ("resamples", 100, "bootstrap samples of each source"),
        ),
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    return parser


def main(argv: list[str] | None = None) -> int:
    args = _arguments().parse_args(argv)
    return script.run(lambda: publish(*compare(args), args.out))


if __name__ == "__main__":
    sys.exit(main())
