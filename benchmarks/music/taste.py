"""Stars that matter: tunes that fit a listener after thirty ratings, and after a change of mind.

Simulated listeners each like half of the voice's tunes, by one or two features, and give noisy
stars (`benchmarks.music.listeners`). A run composes tunes as a player would: thirty are rated, one
by one, and from the tenth on the stars move what is composed. The tunes after that, composed with
these thirty ratings, are counted. Then the preference flips: thirty more are rated, and the tunes
after them are counted. Of each tune the first phrases are composed, the lead alone.

Controls: listeners whose stars are random, and the control `taste` at 0. The variety of what is
composed is measured beside real tunes: entropies of pitch classes and of durations of each tune
within the band of the corpora (their 10th to 90th percentile), and the entropy of the styles.

Runs are stored in the folder `--runs` as they end, and are not repeated; `--only` computes some of
them, for several processes, and no page.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.music.listeners import LISTENERS, Preference, preference, stars
from benchmarks.record import Record, publish
from export.melody.copies import notes as notes_of
from stream.compose.composer import Composer
from stream.compose.filter.entropy import SERIES, entropies
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.music.favourite import main_style
from stream.music.note import Controls, Phrase
from stream.music.stream_position import opening
from stream.music.taste import LEAST_RATINGS, Taste
from stream.taste.features import of_tune
from stream.taste.learning import Rated, learned
from stream.voices.spec import find_voice

NAME = "taste"
RATED, COUNTED = 30, 12
"""Tunes that are rated before those that are counted, and these."""
PHRASES = 2
"""Most phrases of a tune that are composed."""
BEFORE = 60
"""Tunes of which half are liked."""
BEFORE_SEED = 1000
RANDOM = ("random 1", "random 2")
BAND = (10, 90)
BANDED = ("pitch_class", "length")
UNIT = 24
"""Ticks in the unit of durations."""

Floats = NDArray[np.float64]
Row = dict[str, Any]


class Stream:
    """A stream of tunes for one listener."""

    def __init__(self, voice: Path, seed: int) -> None:
        self._composer = Composer(voice)
        self._position = opening(seed, Controls(ensemble=SOLO))

    def tune(self, taste: Taste, strength: float = 1.0) -> Row:
        """Compose the next tune with a taste, and return what is known of it."""
        fields = taste.fields(strength)
        position = dataclasses.replace(self._position, learned=taste, **fields)
        number, phrases = position.tune, list[Phrase]()
        while position.tune == number and len(phrases) < PHRASES:
            phrases.append(self._composer.compose(position.request))
            position = position.after(phrases[-1])
        self._position = position if position.tune != number else position.next_tune()
        return _row(phrases)

    def skip(self, tunes: int) -> None:
        """Leave out tunes that another stream of this seed has composed."""
        for _ in range(tunes):
            self._position = self._position.next_tune()


def _row(phrases: Sequence[Phrase]) -> Row:
    notes = [note for phrase in phrases for note in phrase.notes]
    pitch = np.array([n.pitch for n in notes], np.int64)
    length = np.array([n.duration * 12 // UNIT for n in notes], np.int64)
    bits = entropies([pitch], [length])[0]
    text = json.dumps([[n.onset, n.pitch] for n in notes])
    return {
        "style": main_style(phrases[0].style),
        "features": of_tune(phrases),
        "bits": dict(zip(SERIES, bits.tolist(), strict=True)),
        "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
    }


def _rated(number: int, tune: Row, given: int) -> Rated:
    return Rated(f"{number:04}", "", given, tune["style"], tune["features"])


class Session:
    """The tunes of one listener, and the taste that is learned from the stars."""

    def __init__(self, stream: Stream, tunes: Sequence[Row], give: Callable[[Row], int]) -> None:
        self._stream = stream
        self._given = [_rated(n, tune, give(tune)) for n, tune in enumerate(tunes)]
        self._taste = learned(self._given)

    def rate(self, count: int, give: Callable[[Row], int]) -> list[Row]:
        """Compose and rate so many tunes, each with the taste of all ratings before."""
        tunes = []
        for _ in range(count):
            tunes.append(self._stream.tune(self._taste))
            self._given.append(_rated(len(self._given), tunes[-1], give(tunes[-1])))
            self._taste = learned(self._given)
        return tunes

    def count(self, count: int) -> list[Row]:
        """Compose so many tunes with the taste as it is."""
        return [self._stream.tune(self._taste) for _ in range(count)]

    @property
    def sentence(self) -> str:
        """The sentence that explains the taste."""
        return self._taste.sentence


def first_tunes(voice: Path, seed: int, count: int) -> list[Row]:
    """Return the first tunes of a seed, which no star has moved."""
    stream = Stream(voice, seed)
    return [stream.tune(Taste()) for _ in range(count)]


def listen(stream: Stream, first: Sequence[Row], likes: Preference | None, seed: int) -> Row:
    """Return the tunes of one run of a listener, or of one whose stars are random.

    `first` are the first tunes of the stream, which are the same for all listeners.
    """
    rng = np.random.default_rng(seed)
    stream.skip(len(first))
    give = partial(_stars, likes, rng)
    session = Session(stream, first, give)
    found: Row = {"first": first, "later": session.rate(RATED - len(first), give)}
    found |= {"sentence": session.sentence, "after": session.count(COUNTED)}
    if likes is None:
        return found
    found["flipping"] = session.rate(RATED, partial(_stars, likes.flipped(), rng))
    return found | {"flipped sentence": session.sentence, "flipped": session.count(COUNTED)}


def _stars(likes: Preference | None, rng: np.random.Generator, tune: Row) -> int:
    if likes is None:
        return int(rng.integers(1, 6))
    return stars(likes.likes(tune["features"]), rng)


def off(voice: Path, seed: int, wanted: Preference) -> Row:
    """Return tunes with a taste at the strength 0, and the same ones without ratings."""
    rng = np.random.default_rng(seed)
    first = first_tunes(voice, seed, 2 * LEAST_RATINGS)
    given = [_rated(n, t, _stars(wanted, rng, t)) for n, t in enumerate(first)]
    taste, stream = learned(given), Stream(voice, seed)
    return {"without": first[:6], "with": [stream.tune(taste, 0.0) for _ in range(6)]}


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
    runs: Mapping[str, Sequence[Row]], wanted: Mapping[str, Preference]
) -> list[Record]:
    """Return the shares of tunes that fit, listener by listener and in all."""
    where = f"{RATED} ratings, {COUNTED} tunes counted"
    found, total = [], {stage: list[float]() for stage in ("first", "after", "flipped")}
    for name, likes in wanted.items():
        for stage, about in (
            ("first", "tunes that fit before ten ratings"),
            ("after", f"tunes that fit after {RATED} ratings"),
            ("flipped", f"tunes that fit {RATED} ratings after the preference flipped"),
        ):
            liked = likes.flipped() if stage == "flipped" else likes
            shares = [share(liked, run[stage]) for run in runs[name]]
            total[stage] += shares
            found.append(Record(name, where, about, "", float(np.mean(shares)),
                                float(np.std(shares, ddof=1)), len(shares)))  # fmt: skip
    goals = {"first": "0.5 by construction", "after": "at least 0.7", "flipped": "at least 0.7"}
    names = {
        "first": "tunes that fit before ten ratings",
        "after": f"tunes that fit after {RATED} ratings",
        "flipped": f"tunes that fit {RATED} ratings after the preference flipped",
    }
    whole = [
        Record("all listeners", where, names[s], "", float(np.mean(v)),
               float(np.std(v, ddof=1)), len(v), goals[s])
        for s, v in total.items()
    ]  # fmt: skip
    return whole + found


def control_records(
    randoms: Sequence[Row], switched_off: Row, wanted: Mapping[str, Preference]
) -> list[Record]:
    """Return what random stars and a taste of 0 do."""
    shares = [np.mean([share(p, run["after"]) for p in wanted.values()]) for run in randoms]
    pairs = zip(switched_off["without"], switched_off["with"], strict=True)
    same = [one["digest"] == other["digest"] for one, other in pairs]
    return [
        Record("random stars", f"{RATED} ratings", "tunes that fit the listeners", "",
               float(np.mean(shares)), float(np.std(shares, ddof=1)), len(shares), "at most 0.55"),
        Record("taste 0", "20 ratings", "tunes that are those without ratings", "",
               float(np.mean(same)), None, len(same), "at least 1"),
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
    without = stored(args.runs / "off.json", partial(off, args.voice, 1, wanted["slower"]))
    if args.only is not None:
        return
    randoms = [run for name in RANDOM for run in runs[name]]
    kept = {name: [t for run in runs[name] for t in run["after"]] for name in LISTENERS}
    groups = {"no stars": before, **kept}
    records = [
        *fit_records(runs, wanted),
        *control_records(randoms, without, wanted),
        *variety_records(groups, band(args.corpus, args.voice)),
    ]
    publish(NAME, records)


if __name__ == "__main__":
    main()
