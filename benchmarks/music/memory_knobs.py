"""The two knobs of memory: what returns in a tune, what does not, and what tunes share.

For each style and seed the first tunes of a stream are composed (the lead alone) with the pitch
knob at each setting, with the rhythm knob, and with both together. The seed draws the same forms,
so that only the knobs differ. What returns is counted by `benchmarks.support.returning`, in totals
over totals of all tunes; Spearman's correlation is that of setting and share. A knob's effect is
the share at 1 less that at 0.

Control: the settings are shuffled within the tunes of each style and seed.

Novelty: the share of a tune's runs of 8 and 12 (interval, duration) pairs that another tune has, of
any style and seed, at the same setting. Its limit is the 97.5th percentile of the same at 0, from
a bootstrap of tunes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from benchmarks import script
from benchmarks.music.copying import GRAMS
from benchmarks.music.tunes import played
from benchmarks.record import RESULTS, Record, publish
from benchmarks.support.resume import cached
from benchmarks.support.returning import (
    LABELS,
    SERIES,
    SHUFFLES,
    Curve,
    Reading,
    counted,
    shared,
    written,
)
from stream.compose.composer import Composer
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.voices.spec import digest, find_voice

NAME = "memory_knobs"
SETTINGS = (0.0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)
KNOBS = {"pitch": (1, 0, SETTINGS), "rhythm": (0, 1, SETTINGS), "both": (1, 1, (0.0, 0.5, 1.0))}
"""Weight of the setting in each control, and the settings."""
RANK, CROSS = "at least 0.95", "at most 0.25"
COLORS = {"pitch": "#c2410c", "rhythm": "#3b82c4", "both": "#64748b"}


class Stream(NamedTuple):
    """The first tunes of a stream."""

    voice: Path
    style: str
    seed: int
    tunes: int
    pitch: float
    rhythm: float
    folder: Path
    """Folder of the tunes that have been composed already."""

    def readings(self) -> list[Reading]:
        """Return the figures of its tunes."""
        name = "-".join(map(str, (self.style, self.seed, self.pitch, self.rhythm)))
        asked = {"voice": digest(self.voice), "tunes": self.tunes}
        found = cached(self.folder / f"{name}.json", asked, self._composed)
        return [
            Reading(
                self.style,
                self.seed,
                {key: (value[0], value[1]) for key, value in counts.items()},
                (np.array(pitch, np.int64), np.array(length, np.int64)),
            )
            for counts, pitch, length in found["tunes"]
        ]

    def _composed(self) -> dict[str, Any]:
        controls = Controls(
            style=(((self.style, 1.0),),),
            ensemble=SOLO,
            pitch_memory=self.pitch,
            rhythm_memory=self.rhythm,
        )
        tunes = map(written, played(Composer(self.voice), self.seed, controls))
        return {
            "tunes": [
                (counted(tune), *(series.tolist() for series in tune.melody))
                for tune in itertools.islice(tunes, self.tunes)
            ]
        }


def shares(curves: Mapping[str, Curve]) -> Iterator[Record]:
    """Yield what returns at each setting."""
    for (knob, curve), series, kind in itertools.product(curves.items(), SERIES, LABELS):
        values = curve.shares(f"{series} {kind}")
        for setting, value, tunes in zip(curve.settings, values, curve.tunes, strict=True):
            yield Record(f"{knob} knob", f"at {setting:g}", f"{series}: {LABELS[kind]}", "",
                         float(value), n=len(tunes))  # fmt: skip


def effects(curves: Mapping[str, Curve], styles: Sequence[str]) -> Iterator[Record]:
    """Yield correlations, with the control, and what a knob does to the other's series."""
    for (series, other), kind in itertools.product((SERIES, SERIES[::-1]), LABELS):
        counts, label, own = f"{series} {kind}", f"{series}: {LABELS[kind]}", curves[series]
        knob, rank = f"{series} knob", f"Spearman of setting and {label}"
        least = min(styles, key=lambda style: own.rank(counts, style))
        mixed = float(np.quantile(own.shuffled(counts), 0.95))
        effect, cross = own.effect(counts), curves[other].effect(counts)
        n, tunes = len(SETTINGS), len(own.tunes[0])
        yield from (
            Record(knob, "all styles", rank, "", own.rank(counts), n=n, paper=RANK),
            Record(knob, f"{least}, the least", rank, "", own.rank(counts, least), n=n, paper=RANK),
            Record("shuffled settings, percentile 95", "all styles", rank, "", mixed, n=SHUFFLES,
                   paper="below 0.95; a control, which has to fail"),
            Record(knob, "all styles", f"effect on {label}", "", effect, n=tunes),
            Record(f"{other} knob", "all styles", f"effect on {label}", "", cross, n=tunes),
            Record(f"{other} knob", "all styles", f"effect on {label}, beside the own knob's", "",
                   abs(cross) / abs(effect), n=tunes, paper=CROSS),
        )  # fmt: skip


def novelty(curves: Mapping[str, Curve]) -> Iterator[Record]:
    """Yield what tunes share at each setting."""
    for run, (knob, curve) in itertools.product(GRAMS, curves.items()):
        _, limit = shared(curve.tunes[0], run)
        for setting, tunes in zip(curve.settings, curve.tunes, strict=True):
            beside = f"at most {limit:.3g}; percentile 97.5 at 0" if setting else None
            yield Record(f"{knob} knob", f"at {setting:g}",
                         f"runs of {run} pairs that another tune has", "", shared(tunes, run)[0],
                         n=len(tunes), paper=beside)  # fmt: skip


def draw(curves: Mapping[str, Curve], styles: Sequence[str], path: Path) -> None:
    """Draw what returns along each knob: runs above, bars below; thin lines are styles."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    for (row, kind), (column, series) in itertools.product(enumerate(LABELS), enumerate(SERIES)):
        axis, counts = axes[row][column], f"{series} {kind}"
        for knob, curve in curves.items():
            color = COLORS[knob]
            for style in styles:
                axis.plot(
                    curve.settings, curve.shares(counts, style), color=color, lw=0.6, alpha=0.4
                )
            axis.plot(curve.settings, curve.shares(counts), color=color, lw=2, marker="o", ms=4,
                      label=f"{knob} knob")  # fmt: skip
        axis.set_title(f"{series}: {LABELS[kind]}", fontsize=10)
        axis.set_ylim(-0.03, 1.03)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes[1]:
        axis.set_xlabel("setting of the knob", fontsize=9)
    axes[0][0].legend(fontsize=9, frameon=False)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--styles", default="", help="with commas; default: all of the voice")
    parser.add_argument("--runs", type=Path, default=Path("runs") / NAME, metavar="DIR")
    numbers = [("seeds", 5, "streams of a style"), ("tunes", 2, "tunes of a stream"),
               ("processes", 1, "processes that compose")]  # fmt: skip
    script.add_counts(parser, numbers)
    args = parser.parse_args()
    script.require_positive(args, *(flag for flag, *_ in numbers))
    known = sorted(Composer(args.voice).spec.styles)
    styles = script.chosen(args.styles or ",".join(known), {style: style for style in known})
    pairs = sorted({(d * p, d * r) for p, r, settings in KNOBS.values() for d in settings})
    streams = [
        Stream(args.voice, style, seed, args.tunes, *pair, args.runs)
        for seed, style, pair in itertools.product(range(1, args.seeds + 1), styles, pairs)
    ]
    found: dict[tuple[float, float], list[Reading]] = {pair: [] for pair in pairs}
    with ProcessPoolExecutor(args.processes) as pool:
        for stream, tunes in zip(streams, pool.map(Stream.readings, streams), strict=True):
            found[stream.pitch, stream.rhythm] += tunes
    curves = {
        knob: Curve(settings, [found[d * p, d * r] for d in settings])
        for knob, (p, r, settings) in KNOBS.items()
    }
    draw(curves, styles, RESULTS / f"{NAME}.png")
    publish(NAME, [*shares(curves), *effects(curves, styles), *novelty(curves)])


if __name__ == "__main__":
    main()
