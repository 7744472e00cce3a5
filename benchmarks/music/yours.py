"""Own styles: how well a style learned from some tunes fits other tunes of the same collection.

Each collection is halved, variants of a tune together. A style is learned from tunes of one half,
as `perpetuum style learn` does. Tunes of the other half are then read, each with its own outline,
as in the training of the voice: in the nearest style of the voice, that is the one with the fewest
bits on these very tunes; in the blend of styles that fits the learning tunes best; and in the style
that was learned, with and without its leaning. The control is the style that was learned from the
next collection in the list. Collections are of tunes that the voice was not trained on: held-out
tunes of its corpora by dance or source, and sets that it never met.

A classifier learns to tell the real tunes of both halves from those of the nearest style, and then
tells composed tunes of the learned style from composed tunes of the nearest one. No input of it
tells meter, key, register or tempo (`benchmarks.music.style_features`).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.music.own.collections import Collection, collections
from benchmarks.music.style_features import table
from benchmarks.music.tunes import played
from benchmarks.record import Record, publish
from export.corpus.dataset import split_of
from stream.compose.composer import Composer
from stream.compose.learning import leanings
from stream.compose.learning.evolution import Evolution
from stream.compose.learning.learner import EVENTS, Learner
from stream.compose.learning.place import Place, bits
from stream.compose.learning.sources import fitting
from stream.compose.step import Step
from stream.compose.tunes.outlines import written
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.errors import CorpusError
from stream.music.note import Controls
from stream.own_styles.library import Library
from stream.own_styles.own_style import Learned
from stream.voices.spec import find_voice, read_spec

NAME = "yours"
TUNES, MANY = 20, 100
"""Tunes that a style is learned from."""
TESTED = 20
"""Tunes of the other half that are read."""
GAIN, TOLD = "at least 0.15", "at least 0.75"
BLENDED = 6
"""Generations of the search for the best blend."""
MOST_OTHERS = 300
"""Real tunes of the nearest style that the classifier learns from."""


def as_written(melodies: Sequence[Melody], most: int) -> list[Melody]:
    """Return the first of these tunes strain by strain."""
    return [written(melody) for melody in melodies[:most]]


class Bench:
    """The voice, all tunes, and the styles that have been learned."""

    def __init__(self, args: argparse.Namespace, every: Sequence[Melody]) -> None:
        self.args, self.every = args, every
        self.step = Step(args.voice)
        self._learned: dict[tuple[str, int], tuple[Learned, float]] = {}

    def learned(self, sort: Collection, most: int) -> tuple[Learned, float]:
        """Return the style of the first tunes of a half, and the processor seconds it took."""
        if (sort.name, most) not in self._learned:
            begin = time.process_time()
            parts = [part for melody in sort.learning[:most] for part in fitting(melody, 0.0)]
            learner = Learner(self.step, self.args.voice, parts)
            for _ in learner.steps("own"):
                pass
            if learner.learned is None:
                raise CorpusError(f"{sort.name}: no style was learned")
            self._learned[sort.name, most] = learner.learned, time.process_time() - begin
        return self._learned[sort.name, most]


def blend(step: Step, melodies: Sequence[Melody]) -> Place:
    """Return the blend of the styles of the voice that fits the tunes best."""
    styles = step.spec.styles

    def place(point: np.ndarray) -> Place:
        weights = np.exp(point - point.max())
        weights /= weights.sum()
        latent = sum(w * np.array(s.mean) for w, s in zip(weights, styles.values(), strict=True))
        tags = {f"style:{n}": float(w) for n, w in zip(styles, weights, strict=True)}
        return Place(np.asarray(latent), tags)

    values = bits(step, melodies, nearest(step), 2 * EVENTS)
    search = Evolution.begin(-4 * (values - values.min()), np.ones(len(styles)))
    for _ in range(BLENDED):
        points = search.draw(8, 0)
        search.update(points, bits(step, melodies, [place(p) for p in points], EVENTS))
    return place(search.mean)


def nearest(step: Step) -> list[Place]:
    """Return the place of each style of the voice."""
    return [
        Place(np.array(style.mean), {f"style:{name}": 1.0})
        for name, style in step.spec.styles.items()
    ]


def place_of(found: Learned) -> Place:
    """Return the place of an own style."""
    return Place(np.array(found.style.mean), found.style.tags)


def told_apart(
    args: argparse.Namespace, every: Sequence[Melody], sort: Collection, found: Learned
) -> Record:
    """Return the share of composed tunes that the classifier of real tunes names rightly."""
    real = [*sort.learning, *sort.testing]
    others = [m for m in every if m.style == found.parent and split_of(m) == "train"]
    others = others[:: -(-len(others) // MOST_OTHERS)]
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, max_iter=5000, class_weight="balanced")
    )
    features = table([m.tokens for m in (*real, *others)])
    model.fit(features, np.repeat([1, 0], [len(real), len(others)]))
    with tempfile.TemporaryDirectory() as folder:
        Library(Path(folder)).write(dataclasses.replace(found, name="own"))
        with mock.patch("stream.own_styles.library.styles_folder", return_value=Path(folder)):
            ours, theirs = (composed(args, name) for name in ("own", found.parent))
    right = [*(model.predict(table(ours)) == 1), *(model.predict(table(theirs)) == 0)]
    where = f"{sort.name}; composed in its style and as {found.parent}"
    return Record("classifier of real tunes", where, "told apart", "", float(np.mean(right)), None,
                  len(right), TOLD)  # fmt: skip


def composed(args: argparse.Namespace, style: str) -> list[np.ndarray]:
    """Return the tokens of composed tunes of a style."""
    controls = Controls(style=(((style, 1.0),),), ensemble=SOLO, candidates=4)
    tunes = played(Composer(args.voice), args.seed, controls)
    return [tune.tokens for tune in islice(tunes, args.tunes)]


def figures(bench: Bench, sort: Collection, others: Collection) -> list[Record]:
    """Return the figures of a collection; `others` is the collection of the control."""
    step, test = bench.step, as_written(sort.testing, TESTED)
    each = bits(step, test, nearest(step))
    near, name = float(each.min()), list(step.spec.styles)[int(each.argmin())]
    best = float(bits(step, test, [blend(step, as_written(sort.learning, TUNES))])[0])
    events = sum(len(m.tokens) for m in test)

    def record(system: str, value: float) -> Record:
        return Record(system, sort.name, "bits a note", "bits", value, None, events)

    def gained(system: str, value: float) -> Record:
        return Record(system, sort.name, "fewer bits a note", "bits", value, None, events, GAIN)

    found = [record(f"nearest style, {name}", near), record("best blend", best)]
    for most in (TUNES, MANY) if len(sort.learning) >= MANY else (TUNES,):
        own, seconds = bench.learned(sort, most)
        place, system = place_of(own), f"learned from {min(most, len(sort.learning))} tunes"
        leant = leanings.bits(step, test, place, own.style.leaning)
        found += [
            record(f"{system}, without its leaning", float(bits(step, test, [place])[0])),
            record(system, leant),
            gained(f"{system}, beside the nearest style", near - leant),
            gained(f"{system}, beside the best blend", best - leant),
            Record(system, sort.name, "processor time", "s", seconds, None, 1, "at most 300"),
        ]
    control, _ = bench.learned(others, TUNES)
    value = leanings.bits(step, test, place_of(control), control.style.leaning)
    found.append(record(f"control: learned from {others.name}", value))
    if sort.name in bench.args.told.split(";"):
        found.append(told_apart(bench.args, bench.every, sort, bench.learned(sort, TUNES)[0]))
    return found


def kept(args: argparse.Namespace, name: str, measure: Callable[[], list[Record]]) -> list[Record]:
    """Return the figures of a collection, from the folder of figures if they are there."""
    path = args.keep / f"{name.replace('/', '-')}.json" if args.keep else None
    if path and path.exists():
        return [Record(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
    found = measure()
    if path:
        args.keep.mkdir(parents=True, exist_ok=True)
        documents = [dataclasses.asdict(each) for each in found]
        path.write_text(json.dumps(documents), encoding="utf-8")
    return found


def _arguments() -> argparse.Namespace:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--nottingham", type=Path, required=True)
    parser.add_argument("--pop909", type=Path, required=True)
    parser.add_argument("--tunes", type=int, default=8, help="composed tunes of each style")
    parser.add_argument("--told", default="jigs;hymns;Nottingham, 6/8;POP909")
    parser.add_argument("--only", help="collections to measure, with semicolons; all if omitted")
    parser.add_argument("--keep", type=Path, help="folder of figures from which a run goes on")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    args = _arguments()
    every = as_played(args.corpus, read_spec(args.voice))
    bench = Bench(args, every)
    sorts = collections(bench.step.spec, every, args.nottingham, args.pop909)
    found: list[Record] = []
    for sort, others in zip(sorts, [*sorts[1:], sorts[0]], strict=True):
        if not args.only or sort.name in args.only.split(";"):
            found += kept(args, sort.name, partial(figures, bench, sort, others))
            print(found[-1], flush=True)
    publish(NAME, found)


if __name__ == "__main__":
    main()
