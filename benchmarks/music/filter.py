"""The filter: the quality of the paper's classifiers and of the strict thresholds.

Good excerpts come from tunes outside the training set. Bad ones are corruptions of them
(`export.filter.corruptions`) and music of the voice at a far too high or low temperature. Precision
is that of the passing set, for stated shares of good excerpts and beside rules fitted to permuted
labels (`benchmarks.music.filtering.precision`). With `--ratings`, a folder with notes and mean
ratings of clips, the classifiers are compared with listeners
(`benchmarks.music.filtering.listeners`). With `--checkpoint` the latent point is among the
features: the sampled point for music of the voice, else the posterior mean.

The voice composes the lead alone. Real tunes are as they are played, in the form of its training.
The rules of an outline come on top of the filter, and are not measured here.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.music.filtering import examples as filter_examples
from benchmarks.music.filtering import listeners, page, parts, precision
from benchmarks.music.filtering.picture import PAPER, VOICE, Strict, by_kind, draw
from benchmarks.music.filtering.precision import Held, Tried
from benchmarks.record import RESULTS, Readings, Record, publish
from export.corpus.dataset import split_of
from export.filter import excerpts, thresholds
from export.filter.classifiers import METHODS, SHARES, filled, measure, posterior_means
from export.filter.excerpts import Excerpt
from export.filter.thresholds import Bounds, Labeled
from export.melody import styles
from export.training import checkpoint
from export.training.kinds import MELODIES
from stream.compose.composer import Composer
from stream.compose.filter import selection
from stream.compose.phrase_context import PhraseContext
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.music.stream_position import StreamPosition
from stream.voices.spec import find_voice, read_spec, replace_spec

NAME = "filter"
REPEATS = 10
K = 16
"""Number of candidates."""


def new_phrases(composer: Composer, style: str, phrases: int) -> Iterator[PhraseContext]:
    """Yield the contexts of those of so many phrases that are not whole repeats."""
    position = StreamPosition(1, Controls(style=parse_style(style), candidates=K, ensemble=SOLO))
    for _ in range(phrases):
        now = composer.context(position.request)
        if now.repeat is None or not now.repeat.whole:
            yield now
        position = position.after(composer.compose(position.request))


def classified(found: Sequence[Excerpt], latent: NDArray[np.float64] | None) -> list[Record]:
    """Return the paper's table, without and with the latent point."""
    good = np.array([e.good for e in found])
    groups = np.array([e.group for e in found])
    values = filled(excerpts.table(found))
    inputs = {"66 entropies": values}
    if latent is not None:
        inputs[f"66 entropies, {latent.shape[1]} latent"] = np.hstack([values, latent])
    records = []
    for name, features in inputs.items():
        for method in METHODS:
            for share in SHARES:
                splits = measure(method, (features, good, groups), share, REPEATS)
                count = {
                    n: round(np.mean([getattr(s, n) for s in splits])) for n in ("good", "bad")
                }
                where = f"{name}, test share {share:g}: {count['good']} good, {count['bad']} bad"
                for what in ("precision", "recall"):
                    r = Readings(tuple(getattr(s, what) for s in splits))
                    beside = f"paper {PAPER[method][share]}" if what == "precision" else None
                    records.append(Record(method, where, what, "", r.mean, r.sd, REPEATS, beside))
    return records


def tried(composer: Composer, melodies: Sequence[Melody], style: str, tunes: int) -> Tried:
    """Return a style's examples of the training set, and those of the tunes outside it.

    The voice adds so many `tunes` at each of its temperatures.
    """
    found = filter_examples.several(composer, melodies, style, tunes)
    labeled = Labeled(excerpts.table(found), np.array([e.good for e in found]))
    kinds, groups = (np.array([getattr(e, name) for e in found]) for name in ("kind", "group"))
    train = [m for m in melodies if m.style == style and split_of(m) == "train"]
    return Tried(style, *styles.examples(train), Held(labeled, kinds, groups))


def played(voice: Path, style: str, phrases: int) -> tuple[float, float, int]:
    """Return the share of candidates that keep all entropy rules, and of new phrases with one.

    Also return the number of new phrases.
    """
    composer, shares = Composer(voice), []
    for now in new_phrases(composer, style, phrases):
        found = composer.evaluate(now)
        rules = selection.entropy_rules(found.melodies, now.past, now.plan.bounds)
        shares.append(float(np.mean([selection.broken(r) == 0 for r in rules])))
    return float(np.mean(shares)), float(np.mean(np.array(shares) > 0)), len(shares)


def refined(shipped: Path, folder: Path, bounds: dict[str, Bounds]) -> Path:
    """Write a voice with these thresholds."""
    spec = read_spec(shipped)
    changed_styles = {s: dataclasses.replace(spec.styles[s], bounds=bounds[s]) for s in spec.styles}
    path = folder / "refined.onnx"
    changed = dataclasses.replace(spec, styles=changed_styles)
    path.write_bytes(replace_spec(shipped.read_bytes(), changed))
    return path


def streamed(style: str, own: tuple[float, float, int]) -> list[Record]:
    """Return the figures of one style's thresholds in the stream."""
    where = f"{style}, stream, K = 16"
    return [
        Record(VOICE, where, "candidates that pass", "", own[0], None, K * own[2]),
        Record(VOICE, where, "phrases with one that passes", "", own[1], None, own[2],
               "at least 0.9"),
    ]  # fmt: skip


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("--ratings", type=Path, metavar="FOLDER")
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--phrases", type=int, default=80)
    parser.add_argument("--parts", type=parts.chosen, default=parts.PARTS, metavar="PART,PART",
                        help=f"among {', '.join(parts.PARTS)}; the others stay")  # fmt: skip
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = measured(args)
    publish(NAME, found, page=page.page(found, script.command(NAME)))


def measured(args: argparse.Namespace) -> list[Record]:
    """Measure the chosen parts, and draw the picture with the stored records of the others."""
    composer = Composer(args.voice)
    melodies = as_played(args.corpus, composer.spec)
    found = parts.kept(NAME, args.parts)
    if {parts.CLASSIFIERS, parts.LISTENERS} & set(args.parts):
        found += judged(composer, melodies, args)
    if {parts.PRECISION, parts.STREAM} & set(args.parts):
        found += strict_figures(composer, melodies, args, found)
    return sorted(found, key=lambda each: parts.PARTS.index(parts.part_of(each)))


def judged(
    composer: Composer, melodies: Sequence[Melody], args: argparse.Namespace
) -> list[Record]:
    """Return the paper's table, and its classifiers beside listeners."""
    found = filter_examples.balanced(composer, melodies)
    records = []
    if parts.CLASSIFIERS in args.parts:
        latent = None
        if args.checkpoint:
            latent = posterior_means(checkpoint.load_model(args.checkpoint, MELODIES)[1], found)
        records += classified(found, latent)
    if parts.LISTENERS in args.parts and args.ratings:
        values = filled(excerpts.table(found))
        records += listeners.records(args.ratings, values, np.array([e.good for e in found]))
    return records


def strict_figures(
    composer: Composer, melodies: Sequence[Melody], args: argparse.Namespace, others: list[Record]
) -> list[Record]:
    """Return the figures of the strict thresholds, and draw them with the other records."""
    tunes = filter_examples.OWN if parts.STREAM in args.parts else 0
    every = [tried(composer, melodies, s, tunes) for s in sorted(composer.spec.styles)]
    bounds = thresholds.aligned({t.style: thresholds.strict(t.fit, t.valid) for t in every})
    stricts = [
        Strict(t.style, bounds[t.style], t.held.labeled, t.held.kinds,
               tuple(thresholds.steps(t.fit)))
        for t in every
    ]  # fmt: skip
    found = precision.records(every, bounds) if parts.PRECISION in args.parts else []
    if parts.STREAM in args.parts:
        with tempfile.TemporaryDirectory() as folder:
            voice = refined(args.voice, Path(folder), bounds)
            for each in every:
                found += streamed(each.style, played(voice, each.style, args.phrases))
        found += by_kind(stricts)
    draw(stricts, [*others, *found], RESULTS / f"{NAME}.png")
    return found


if __name__ == "__main__":
    main()
