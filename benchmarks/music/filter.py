"""The filter: its cost, and the quality of the paper's classifiers and of the strict thresholds.

Good excerpts come from tunes outside the training set. Bad ones are corruptions of them
(`export.filter.corruptions`) and music of the voice at a far too high or low temperature. Precision
is that of the passing set. With `--ratings`, a folder with notes and mean ratings of clips, the
classifiers are compared with listeners. With `--checkpoint` the latent point is among the features:
the sampled point for music of the voice, else the posterior mean.

The voice composes the lead alone. Real tunes are as they are played, in the form of its training.
The rules of an outline come on top of the filter, and are not measured here.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks import script
from benchmarks.music import filter_examples
from benchmarks.music.corpora import as_played
from benchmarks.music.filter_picture import PAPER, VOICE, Strict, by_kind, draw
from benchmarks.record import RESULTS, Readings, Record, publish
from export.corpus.dataset import split_of
from export.filter import excerpts, thresholds
from export.filter.classifiers import METHODS, SHARES, filled, measure, posterior_means, trained
from export.filter.corruptions import KINDS, SEEN, UNSEEN
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


def costs(voice: Path, style: str, phrases: int) -> tuple[Readings, Readings]:
    """Return the cost of the entropies of sixteen candidates, and of the whole filter with novelty.

    Both are processor time as a share of the time of sampling the candidates.
    """
    composer, shares = Composer(voice), []
    for now in new_phrases(composer, style, phrases):
        melodies = composer.evaluate(now).melodies
        times = [time.process_time()]
        candidates = composer.strategy.sample(now, np.random.default_rng(0))
        times.append(time.process_time())
        selection.entropy_rules(melodies, now.past, now.plan.bounds)
        times.append(time.process_time())
        composer.evaluate_batch(now, candidates)
        times.append(time.process_time())
        sampling, entropies, everything = np.diff(times)
        shares.append((entropies / sampling, everything / sampling))
    entropies, everything = zip(*shares[2:], strict=True)
    return Readings(entropies), Readings(everything)


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


def rated(folder: Path, found: Sequence[Excerpt]) -> list[Record]:
    """Return the classifiers trained on corruptions, compared with listeners' ratings."""
    features, ratings = filter_examples.clips(folder)
    good = np.array([e.good for e in found])
    values = filled(excerpts.table(found))
    where = f"{len(ratings)} clips that listeners rated"
    above = ratings > np.median(ratings)
    records = []
    for method in METHODS:
        score = trained(method, values, good).decision_function(filled(features))
        rho, p = spearmanr(score, ratings)
        half = score > np.median(score)
        records += [
            Record(method, where, "Spearman of score and mean rating", "", float(rho), None,
                   len(ratings), f"p = {p:.2g}"),
            Record(method, where, "rated above the median, of the better half", "",
                   float(above[half].mean()), None, int(half.sum()), f"{above.mean():.2f} of all"),
        ]  # fmt: skip
    return records


def strictly(composer: Composer, melodies: Sequence[Melody], style: str, bounds: Bounds) -> Strict:
    """Return a style's thresholds, and each step toward them, on tunes outside the training set."""
    found = filter_examples.several(composer, melodies, style)
    held = Labeled(excerpts.table(found), np.array([e.good for e in found]))
    kinds = np.array([e.kind for e in found])
    train = [m for m in melodies if m.style == style and split_of(m) == "train"]
    path = thresholds.steps(styles.examples(train)[0])
    return Strict(style, bounds, held, kinds, tuple(path))


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


def figures(strict: Strict, own: tuple[float, float, int]) -> list[Record]:
    """Return the figures of one style's thresholds."""
    every, seen = strict.quality(tuple(KINDS)), strict.quality(SEEN)
    n, goods = len(strict.held.good), int(strict.held.good.sum())
    features = sum(limits != thresholds.OPEN for limits in strict.bounds.values())
    where = f"{strict.style}, {features} features, held-out tunes"
    stream = f"{strict.style}, stream, K = 16"
    return [
        Record(VOICE, where, "precision, all corruptions", "", every.precision, None, n),
        Record(VOICE, where, f"precision, without {UNSEEN}", "", seen.precision, None,
               n, "at least 0.99"),
        Record(VOICE, where, "recall", "", every.recall, None, goods),
        Record(VOICE, stream, "candidates that pass", "", own[0], None, K * own[2]),
        Record(VOICE, stream, "phrases with one that passes", "", own[1], None, own[2],
               "at least 0.9"),
    ]  # fmt: skip


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("--ratings", type=Path, metavar="FOLDER")
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--phrases", type=int, default=80)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    publish(NAME, measured(args))


def measured(args: argparse.Namespace) -> list[Record]:
    """Measure everything, and draw the picture."""
    composer = Composer(args.voice)
    names = sorted(composer.spec.styles)
    records = []
    for style in names:
        both = costs(args.voice, style, args.phrases // 2)
        for system, r, most in zip(("entropies", "whole filter"), both, (0.5, 1), strict=True):
            records.append(
                Record(f"{system} / sampling", f"{style}, K = 16", "processor time", "", r.median,
                       r.sd, len(r.values), f"at most {most}")
            )  # fmt: skip
    melodies = as_played(args.corpus, composer.spec)
    found = filter_examples.balanced(composer, melodies)
    latent = None
    if args.checkpoint:
        latent = posterior_means(checkpoint.load_model(args.checkpoint, MELODIES)[1], found)
    records += classified(found, latent)
    if args.ratings:
        records += rated(args.ratings, found)
    own = {s: [m for m in melodies if m.style == s and split_of(m) == "train"] for s in names}
    bounds = thresholds.aligned({style: styles.bounds(own[style]) for style in names})
    stricts = [strictly(composer, melodies, style, bounds[style]) for style in names]
    with tempfile.TemporaryDirectory() as folder:
        voice = refined(args.voice, Path(folder), bounds)
        for strict in stricts:
            share = played(voice, strict.style, args.phrases)
            records += figures(strict, share)
    records += by_kind(stricts)
    draw(stricts, records, RESULTS / f"{NAME}.png")
    return records


if __name__ == "__main__":
    main()
