"""Ablations of sampling: the shipped voice without one part of it each, by the realism test.

Each system composes the same outlines: as many tunes in each of a few streams. The area under the
curve is that of `benchmarks.music.realism`: trees tell excerpts of composed tunes from held-out
ones; 0.5 if nothing tells them apart. Intervals are drawn over tunes, differences from the shipped
voice over the same tunes of both (`benchmarks.music.real.resampled_areas`). The band is that of
`benchmarks.music.listen`: the middle 80 % of the entropies of real stretches of 32 notes. Work is
counted in candidates, as the speed depends on the machine.

The controls that must lose are the voice at temperature 2, held-out tunes with their bars shuffled,
and a chain of order 3 from the training tunes; training tunes are the floor.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.music import listen, realism
from benchmarks.music.corpora import as_played
from benchmarks.music.real import resampled_areas, sampling_page
from benchmarks.music.real.ablated import FP32, SHIPPED, SYSTEMS
from benchmarks.music.real.neutral import Neutral, excerpts
from benchmarks.music.real.realism_table import FeatureTable, feature_table
from benchmarks.music.real.related import with_families
from benchmarks.music.real.resampled_areas import Pairs
from benchmarks.music.real.sampled_tunes import Composed, Wanted, composed, unquantized
from benchmarks.music.real.style_tunes import Style, style_of
from benchmarks.music.real.surprise import Chains
from benchmarks.record import Record, publish
from benchmarks.support import resampling
from benchmarks.support.resampling import Interval
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.voices.spec import find_voice, read_spec

NAME = "sampling"
OTHERS = ("real, training tunes", "bars shuffled", "chain of order 3")
"""Tunes of the realism test that are judged beside the systems."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The held-out tunes of one style, and the trees that tell others from them."""

    style: Style
    real: Mapping[int, FeatureTable]
    """Excerpts of held-out tunes by their notes."""
    bands: Mapping[str, tuple[float, float]]
    """The band of real stretches by entropy."""
    excerpts: int
    seeds: int

    def areas(self, tunes: Sequence[Neutral]) -> dict[int, Pairs]:
        """Return the pairs of excerpts by their notes, without lengths that too few tunes have."""
        found = {}
        for length, real in self.real.items():
            other = table(tunes, length, self.excerpts, self.style.chains)
            if other is not None:
                found[length] = resampled_areas.pairs(real.sample, other.sample, self.seeds)
        return found

    def in_band(self, tunes: Sequence[Composed]) -> Interval:
        """Return the share of entropies of composed stretches in the band of real ones."""
        inside, numbers = list[float](), list[int]()
        for tune in tunes:
            if tune.notes < listen.STRETCH:
                continue
            own = listen.stretches([tune.tokens.tolist()])
            for measure, (low, high) in self.bands.items():
                inside += ((own[measure] >= low) & (own[measure] <= high)).tolist()
                numbers += [tune.number] * len(own[measure])
        return resampling.mean(np.array(inside, np.float64), np.array(numbers))


def judge_of(style: Style, melodies: Sequence[Melody], args: argparse.Namespace) -> Judge:
    """Return the judge of a style, whose tunes are `melodies`."""
    lengths = realism.LENGTHS.get(style.name, realism.USUAL)
    tables = {n: table(style.held, n, args.excerpts, style.chains) for n in lengths}
    known = {n: found for n, found in tables.items() if found is not None}
    real = listen.real(melodies, style.name)
    bands = {m: tuple(np.percentile(real[m], listen.BAND).tolist()) for m in listen.MEASURES}
    return Judge(style, known, bands, args.excerpts, args.seeds)


def table(tunes: Sequence[Neutral], length: int, most: int, chains: Chains) -> FeatureTable | None:
    """Return the features of excerpts as in the realism test; None if too few are as long."""
    long = [tune for tune in tunes if len(tune) >= length]
    if len(long) < realism.FEWEST:
        return None
    rng = np.random.default_rng(length)
    each = min(max(round(most / len(long)), 1), realism.MOST)
    chosen = [long[i] for i in rng.permutation(len(long))[:most]]
    return feature_table(excerpts(chosen, length, each, rng), chains)


def judged(judge: Judge, systems: dict[str, list[Composed]]) -> list[Record]:
    """Return the records of one style."""
    name, found, base = judge.style.name, list[Record](), dict[int, Pairs]()
    for system, tunes in systems.items():
        areas = judge.areas([tune.neutral for tune in tunes])
        found += _areas(system, name, areas, base)
        if system == SHIPPED:
            base = areas
        found += _work(system, name, tunes, judge.in_band(tunes))
        shown = ", ".join(f"{each.area:.3f}" for each in areas.values())
        print(f"{name}, {system}: AUC {shown}", file=sys.stderr, flush=True)
    others = judge.style.others()
    for system in OTHERS:
        found += _areas(system, name, judge.areas(others[system]), {})
    return found


def _areas(
    system: str, style: str, areas: dict[int, Pairs], base: dict[int, Pairs]
) -> list[Record]:
    found = []
    for length, own in areas.items():
        where, n = f"{style}, {length} notes", len(own.composed)
        each = resampled_areas.area(own)
        beside = f"{each}; {len(own.real)} real tunes"
        found.append(Record(system, where, "AUC", "", each.value, None, n, beside))
        if length in base:
            less = resampled_areas.difference(own, base[length])
            verdict = "differs" if less.without_zero else "no difference shown"
            measure = f"AUC less that {SHIPPED}"
            beside = f"{less}; {verdict}"
            found.append(Record(system, where, measure, "", less.value, None, n, beside))
    return found


def _work(system: str, style: str, tunes: Sequence[Composed], band: Interval) -> list[Record]:
    new = sum(tune.new for tune in tunes)
    each = sum(tune.candidates for tune in tunes) / new
    passed = sum(tune.passed for tune in tunes) / new
    beside = f"{band}; 0.8 of real ones"
    return [
        Record(system, style, "entropies in the real band", "", band.value, None, len(tunes),
               beside),
        Record(system, style, "candidates for each new phrase", "", each, None, new),
        Record(system, style, "new phrases with one that passes", "", passed, None, new),
    ]  # fmt: skip


def measured(args: argparse.Namespace) -> list[Record]:
    """Compose whatever has not been composed before, and judge all of it."""
    # Real tunes in the form that the voice was trained on.
    melodies = as_played(args.corpus, read_spec(args.voice))
    graphs = dict.fromkeys([SHIPPED, *(n for n in args.systems if n != SHIPPED)], args.voice)
    if FP32 in graphs:
        if args.checkpoint:
            graphs[FP32] = unquantized(args.voice, args.checkpoint, args.runs)
        else:
            del graphs[FP32]
    wanted = Wanted(args.tunes, args.streams, args.seed, args.runs)
    found = []
    for style in realism.styles_of(melodies, args.styles):
        own = with_families([m for m in melodies if m.style == style])
        systems = {
            name: composed(name, SYSTEMS[name], voice, style, wanted)
            for name, voice in graphs.items()
        }
        tunes = style_of(style, own, [], args.tunes * args.streams)
        found += judged(judge_of(tunes, own, args), systems)
    return found


def named(text: str) -> list[str]:
    """Return the systems in a list with commas. Raises `SettingsError` for an unknown one."""
    return script.chosen(text, {name: name for name in SYSTEMS})


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--checkpoint", type=Path, metavar="CHECKPOINT.npz",
                        help="that of the voice, for its fp32 graph")  # fmt: skip
    parser.add_argument("--styles", type=lambda text: text.split(","), default=[],
                        help="with commas; all of the corpora")  # fmt: skip
    parser.add_argument("--systems", type=named, default=list(SYSTEMS), metavar="NAME,NAME",
                        help="beside the shipped one; all")  # fmt: skip
    parser.add_argument("--runs", type=Path, default=Path("runs/sampling"), metavar="DIR")
    script.add_counts(
        parser,
        [
            ("tunes", 80, "composed tunes of each stream"),
            ("streams", 3, "streams of each system and style"),
            ("excerpts", 300, "excerpts of each set, if it has as many"),
            ("seeds", 3, "divisions into folds"),
            ("seed", 1, "seed of the first stream"),
        ],
    )
    args = parser.parse_args()
    script.require_positive(args, "tunes", "streams", "excerpts", "seeds")
    found = measured(args)
    publish(NAME, found, page=sampling_page.page(found, script.command(NAME)))


if __name__ == "__main__":
    main()
