"""Stars that matter: tunes that fit a listener after thirty ratings, and after a change of mind.

Simulated listeners each like half of the voice's tunes, by one or two features, and give noisy
stars (`benchmarks.listening.listeners`). A run composes tunes as a player would: thirty are rated,
one by one, and from the tenth on the stars move what is composed. The tunes after that, composed
with these thirty ratings, are counted. Then the preference flips: thirty more are rated, and the
tunes after them are counted. Of each tune the first phrases are composed, the lead alone.

Controls: listeners whose stars are random, and the control `taste` at 0. The variety of what is
composed is measured beside real tunes: entropies of pitch classes and of durations of each tune
within the band of the corpora (their 10th to 90th percentile), and the entropy of the styles.

Runs are stored in the folder `--runs` as they end, and are not repeated; `--only` computes some of
them, for several processes, and no page.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.listening.listeners import LISTENERS, Preference, preference
from benchmarks.listening.session import COUNTED, RATED, Row, Stream, first_tunes, listen, off
from benchmarks.music.corpora import as_played
from benchmarks.record import Readings, Record, publish
from export.melody.copies import notes as notes_of
from stream.compose.composer import Composer
from stream.compose.filter.entropy import SERIES, entropies
from stream.config.settings import DEFAULT_VOICE
from stream.taste.terms import LEAST_RATINGS
from stream.voices.spec import find_voice

NAME = "taste"
BEFORE = 60
"""Tunes of which half are liked."""
BEFORE_SEED = 1000
RANDOM = ("random 1",)
BAND = (10, 90)
"""Percentiles of real tunes that bound the band."""
BANDED = ("pitch_class", "length")


def stored(path: Path, make: Callable[[], Row]) -> Row:
    """Return a run from its file, or make it and write the file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(make()), encoding="utf-8")
    found: Row = json.loads(path.read_bytes())
    return found


def share(likes: Preference, tunes: Sequence[Row]) -> float:
    """Return the share of tunes that are liked."""
    return float(np.mean([likes.likes(tune["features"]) for tune in tunes]))


def style_bits(tunes: Sequence[Row]) -> float:
    """Return the entropy of the styles in bits."""
    counts = np.array(list(Counter(tune["style"] for tune in tunes).values()))
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def fit_records(
    runs: Mapping[str, Sequence[Row]],
    wanted: Mapping[str, Preference],
    without: Sequence[Sequence[Row]],
) -> list[Record]:
    """Return the shares of tunes that fit, in all and listener by listener.

    `without` are the tunes that are counted, as they are without stars, of each seed.
    """
    stages = {
        "without": "tunes that fit without stars",
        "after": f"tunes that fit after {RATED} ratings",
        "flipped": f"tunes that fit {RATED} ratings after the preference flipped",
    }
    goals = {"after": "at least 0.7", "flipped": "at least 0.7"}
    where = f"{COUNTED} tunes of each seed"
    whole, single = list[Record](), list[Record]()
    for stage, about in stages.items():
        total = []
        for name, likes in wanted.items():
            liked = likes.flipped() if stage == "flipped" else likes
            tunes = without if stage == "without" else [run[stage] for run in runs[name]]
            shares = [share(liked, each) for each in tunes]
            total += shares
            single.append(Record(name, where, about, "", *_mean(shares)))
        whole.append(Record("all listeners", where, about, "", *_mean(total), goals.get(stage)))
    return whole + single


def _mean(values: Sequence[float]) -> tuple[float, float | None, int]:
    """Return mean, standard deviation and number."""
    found = Readings(tuple(values))
    return found.mean, found.sd, len(values)


def control_records(
    randoms: Mapping[str, Sequence[Row]],
    switched_off: Row,
    wanted: Mapping[str, Preference],
    without: Sequence[Sequence[Row]],
) -> list[Record]:
    """Return what random stars and a taste of 0 do."""
    moved, fits = [], []
    for name in randoms:
        for run, plain in zip(randoms[name], without, strict=True):
            fits += [share(likes, run["after"]) for likes in wanted.values()]
            moved += [share(likes, run["after"]) - share(likes, plain) for likes in wanted.values()]
    off_pairs = zip(switched_off["without"], switched_off["with"], strict=True)
    same = [float(one["digest"] == other["digest"]) for one, other in off_pairs]
    where = f"{RATED} ratings, {COUNTED} tunes of each seed"
    return [
        Record("random stars", where, "tunes that fit the listeners", "", *_mean(fits)),
        Record("random stars", where, "the same, less those that fit without stars", "",
               *_mean(moved), "at most 0.05"),
        Record("taste 0", "20 ratings", "tunes that are those without ratings", "",
               *_mean(same), "at least 1"),
    ]  # fmt: skip


def variety_records(
    groups: Mapping[str, Sequence[Row]], real: Mapping[str, tuple[float, float]]
) -> list[Record]:
    """Return entropies of the tunes of each group within the band of real tunes, and the styles."""
    found = []
    for group, tunes in groups.items():
        for series, (low, high) in real.items():
            bits = np.array([tune["bits"][series] for tune in tunes])
            found.append(
                Record(group, "each tune", f"entropy of {series}, mean", "bits",
                       float(bits.mean()), float(bits.std(ddof=1)), len(bits),
                       f"at least {low:.2f}; real tunes {low:.2f} to {high:.2f}")
            )  # fmt: skip
        found.append(Record(group, "all tunes", "entropy of styles", "bits", style_bits(tunes),
                            n=len(tunes), paper="at least 1"))  # fmt: skip
        distinct = len({tune["digest"] for tune in tunes}) / len(tunes)
        found.append(Record(group, "all tunes", "distinct tunes", "", distinct, n=len(tunes),
                            paper="at least 1"))  # fmt: skip
    return found


def band(corpora: Sequence[str], voice: Path) -> dict[str, tuple[float, float]]:
    """Return the band of the entropies of real tunes, of the first notes of each."""
    melodies = [notes_of(m) for m in as_played(corpora, Composer(voice).spec)]
    pitch = [p[:160] for p, _ in melodies]
    length = [n[:160] for _, n in melodies]
    bits = np.concatenate([
        entropies(pitch[i : i + 64], length[i : i + 64]) for i in range(0, len(pitch), 64)
    ])  # fmt: skip
    found = {}
    for series in BANDED:
        low, high = np.percentile(bits[:, SERIES.index(series)], BAND)
        found[series] = float(low), float(high)
    return found


def _first(voice: Path, seed: int, count: int, folder: Path) -> list[Row]:
    path = folder / f"first-{seed}.json"
    found: list[Row] = stored(path, lambda: {"tunes": first_tunes(voice, seed, count)})["tunes"]
    return found


def _without(voice: Path, seed: int, folder: Path) -> list[Row]:
    """Return the tunes that are counted, as they are without stars."""

    def make() -> Row:
        stream = Stream(voice, seed)
        stream.skip(RATED)
        return {"tunes": stream.plain(COUNTED)}

    found: list[Row] = stored(folder / f"without-{seed}.json", make)["tunes"]
    return found


def _run(args: argparse.Namespace, seed: int, name: str, wanted: Mapping[str, Preference]) -> Row:
    """Return a run of a listener, from its file if it has one."""

    def make() -> Row:
        first = _first(args.voice, seed, LEAST_RATINGS, args.runs)
        number = [*wanted, *RANDOM].index(name)
        return listen(Stream(args.voice, seed), first, wanted.get(name), 100 * seed + number)

    return stored(args.runs / f"{name.replace(' ', '-').replace(',', '')}-{seed}.json", make)


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, default=Path("build/taste"))
    parser.add_argument("--only", type=int, metavar="SEED", help="compute the runs of this seed")
    args = parser.parse_args()
    args.runs.mkdir(parents=True, exist_ok=True)
    before = _first(args.voice, BEFORE_SEED, BEFORE, args.runs)
    wanted = {
        name: preference(likings, [tune["features"] for tune in before])
        for name, likings in LISTENERS.items()
    }
    seeds = range(1, args.seeds + 1) if args.only is None else [args.only]
    names = (*wanted, *RANDOM)
    runs = {name: [_run(args, seed, name, wanted) for seed in seeds] for name in names}
    switched_off = stored(args.runs / "off.json", partial(off, args.voice, 1, wanted["slower"]))
    without = [_without(args.voice, seed, args.runs) for seed in seeds]
    if args.only is not None:
        return
    kept = {name: [tune for run in runs[name] for tune in run["after"]] for name in LISTENERS}
    groups = {"no stars": [*before, *itertools.chain.from_iterable(without)], **kept}
    randoms = {name: runs[name] for name in RANDOM}
    records = [
        *fit_records(runs, wanted, without),
        *control_records(randoms, switched_off, wanted, without),
        *variety_records(groups, band(args.corpus, args.voice)),
    ]
    publish(NAME, records)


if __name__ == "__main__":
    main()
