"""Realism of melodies: how well trees tell composed excerpts from held-out real ones.

Both are read in one form (`benchmarks.music.real.neutral`): the lead alone, from a bar line,
without key, register and tempo. The trees judge excerpts of which they saw neither the tune nor its
variants; the area under their curve is 0.5 if nothing tells the two apart, 1 if each excerpt is
told. The chains that count surprise learnt from one half of the training tunes; the other half, and
the two halves of the held-out tunes, give the floor.

The controls are held-out tunes with their bars shuffled, two bars of a held-out tune in a loop, and
a chain of order 3 from the training tunes. Copying is counted on whole tunes
(`benchmarks.music.copying`), those of held-out tunes beside training tunes that are not variants.

The grid of Bach's chorales joins repeated notes, so that a repeated note tells a composed soprano.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import islice

import numpy as np

from benchmarks import script
from benchmarks.ensemble import two_sample
from benchmarks.music.corpora import as_played
from benchmarks.music.real.neutral import Neutral, excerpts
from benchmarks.music.real.realism_copies import copies
from benchmarks.music.real.realism_table import (
    FeatureTable,
    areas,
    differences,
    feature_table,
    mean_alone,
    only,
)
from benchmarks.music.real.related import with_families
from benchmarks.music.real.style_tunes import Style, style_of
from benchmarks.music.real.surprise import Chains
from benchmarks.music.tunes import Tune, played
from benchmarks.record import Readings, Record, publish
from stream.compose.composer import Composer
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.errors import SettingsError
from stream.music.note import Controls
from stream.voices.spec import find_voice, read_spec

NAME = "realism"
LENGTHS = {"folk": (64, 128), "hymn": (32, 64), "song": (32, 64), "bach": (32, 64),
           "jazz": (64, 128)}  # fmt: skip
"""Notes of an excerpt; the tunes of some styles are short."""
USUAL = (64, 128)
CONTROLS = ("bars shuffled", "two bars looped", "chain of order 3")
GOALS = {
    "folk": {64: 0.75, 128: 0.8}, "hymn": {32: 0.7, 64: 0.7}, "bach": {32: 0.7, 64: 0.7},
    "jazz": {64: 0.75, 128: 0.75},
}  # fmt: skip
"""Largest area under the curve by style and notes of an excerpt."""
STREAM = 50
"""Tunes of each stream."""
FEWEST = 10
"""Fewest held-out tunes of a style and a length."""
MOST = 4
"""Most excerpts of a tune."""
CONTROL_SEEDS = 2
"""Most divisions into folds for a control."""


def composed(args: argparse.Namespace, style: str) -> list[Tune]:
    """Return the leads of tunes of several streams in one style."""
    changed = {
        name: getattr(args, name)
        for name in ("candidates", "temperature", "top_p")
        if getattr(args, name) is not None
    }
    controls = Controls(style=(((style, 1.0),),), ensemble="solo", **changed)
    found: list[Tune] = []
    while len(found) < args.tunes:
        seed = args.seed + len(found) // STREAM
        wanted = min(STREAM, args.tunes - len(found))
        found += islice(played(Composer(args.voice), seed, controls), wanted)
    return found


def judged(style: Style, length: int, args: argparse.Namespace) -> list[Record]:
    """Return the areas under the curve of one style and length, and what differs most."""
    real = _table(style.held, length, args.excerpts, style.chains)
    if real is None:
        return []
    where = f"{style.name}, {length} notes"
    found = [_floor(real, where, args.seeds)]
    for name, tunes in style.others().items():
        table = _table(tunes, length, args.excerpts, style.chains)
        if table is None:
            continue
        seeds = min(args.seeds, CONTROL_SEEDS) if name in CONTROLS else args.seeds
        found_areas = Readings(areas(real.sample, table.sample, seeds))
        goal = GOALS.get(style.name, {}).get(length) if name == "composed" else None
        found.append(_area(name, where, found_areas, _sizes(real, table), goal))
        print(f"{where}, {name}: AUC {found_areas.mean:.3f}", file=sys.stderr, flush=True)
        mean = mean_alone(real, table)
        found.append(Record(name, where, "AUC of each feature alone, mean", "", mean))
        if name == "composed":
            found.append(_without_surprise(real, table, where, seeds))
            found += listed(real, table, where)
    return found


def against_held(style: Style, length: int, args: argparse.Namespace) -> Readings:
    """Return the areas under the curve of composed excerpts of `length` notes.

    Raises `SettingsError` if too few tunes are as long.
    """
    both = [_table(t, length, args.excerpts, style.chains) for t in (style.held, style.composed)]
    if both[0] is None or both[1] is None:
        raise SettingsError(f"--tunes {args.tunes}: too few of them have {length} notes")
    return Readings(areas(both[0].sample, both[1].sample, args.seeds))


def _without_surprise(real: FeatureTable, other: FeatureTable, where: str, seeds: int) -> Record:
    """Return the area that does not count how often training tunes have what was composed."""
    kept = np.array([family != "surprise" for family in real.families])
    found = Readings(areas(only(real.sample, kept), only(other.sample, kept), seeds))
    measure = "AUC without the features of surprise"
    return Record("composed", where, measure, "", found.mean, found.sd, seeds)


def _table(tunes: Sequence[Neutral], length: int, most: int, chains: Chains) -> FeatureTable | None:
    """Return the features of excerpts of the tunes, or None if too few are long enough."""
    long = [tune for tune in tunes if len(tune) >= length]
    if len(long) < FEWEST:
        return None
    rng = np.random.default_rng(length)
    each = min(max(round(most / len(long)), 1), MOST)
    chosen = [long[i] for i in rng.permutation(len(long))[:most]]
    return feature_table(excerpts(chosen, length, each, rng), chains)


def _sizes(real: FeatureTable, other: FeatureTable) -> str:
    one, two = real.sample, other.sample
    return (
        f"{len(two.groups)} excerpts of {len(set(two.groups.tolist()))} tunes, "
        f"{len(one.groups)} of {len(set(one.groups.tolist()))} real ones"
    )


def _area(name: str, where: str, areas: Readings, sizes: str, goal: float | None) -> Record:
    beside = sizes
    if goal is not None:
        verdict = "met" if areas.mean <= goal else "missed"
        beside = f"at most {goal} ({verdict}); {sizes}"
    return Record(name, where, "AUC", "", areas.mean, areas.sd, len(areas.values), beside)


def _floor(real: FeatureTable, where: str, seeds: int) -> Record:
    found: list[float] = []
    for seed in range(seeds):
        one, other = two_sample.halves(real.sample, seed)
        found += areas(one, other, 1)
    sizes = f"{len(real.sample.groups)} excerpts in two halves"
    return _area("real, halves", where, Readings(tuple(found)), sizes, None)


def listed(real: FeatureTable, ours: FeatureTable, where: str) -> list[Record]:
    """Return the groups of features by loss, and the features that differ most alone."""
    found = []
    for each in differences(real, ours):
        beside = f"{each.loss:.3f} lost if permuted"
        if each.medians is None:
            measure = f"AUC of the features of {each.name} alone"
            found.append(Record("composed", where, measure, "", each.alone, paper=beside))
            continue
        median, value = each.medians
        measure, n = f"median of {each.name}", len(ours.sample.groups)
        beside = f"real {median:.3g}; alone AUC {each.alone:.2f}, {beside}"
        found.append(Record("composed", where, measure, "", value, None, n, beside))
    return found


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = script.corpus_parser(NAME, __doc__)
    made.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    made.add_argument("--styles", type=_words, default=[], help="with commas; all of the corpora")
    made.add_argument("--lengths", type=_numbers, default=[], help="notes of excerpts, with commas")
    script.add_counts(
        made,
        [
            ("tunes", 300, "composed tunes of each style"),
            ("excerpts", 300, "excerpts of each set, if it has as many"),
            ("seeds", 5, "divisions into folds"),
            ("seed", 1, "seed of the first stream"),
        ],
    )
    made.add_argument("--candidates", type=int, help="as the controls of `stream play`")
    made.add_argument("--temperature", type=float)
    made.add_argument("--top-p", type=float)
    return made


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def styles_of(melodies: Sequence[Melody], wanted: Sequence[str]) -> list[str]:
    """Return the wanted styles, or all that have tunes. Raises `SettingsError` for other ones."""
    known = list(dict.fromkeys(m.style for m in melodies))
    for name in wanted:
        if name not in known:
            raise SettingsError(f"--styles {name}: must be among {', '.join(known)}, as --corpus")
    return list(wanted) or known


def main() -> None:
    args = parser().parse_args()
    script.require_positive(args, "tunes", "excerpts", "seeds")
    # Real tunes in the form that the voice was trained on.
    melodies = as_played(args.corpus, read_spec(args.voice))
    found = []
    for name in styles_of(melodies, args.styles):
        own = with_families([m for m in melodies if m.style == name])
        tunes = composed(args, name)
        style = style_of(name, own, tunes, args.tunes)
        for length in args.lengths or LENGTHS.get(name, USUAL):
            found += judged(style, length, args)
        found += copies(name, own, tunes)
    publish(NAME, found)


if __name__ == "__main__":
    main()
