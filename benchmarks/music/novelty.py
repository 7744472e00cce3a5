"""A hundred hours of the default mix: speed on one core, novelty, copying and form.

The voice composes the lead alone, without companions, at 120 quarter notes a minute. The composer
and the stream position run in this process, which is pinned to one core; then all tunes are
searched exactly, beside real ones in the form that the voice was trained on. Runs are (interval,
duration) pairs in a row (`benchmarks.music.copying`).

Novelty: tunes that share a run of 12 with a tune of the five hours before. Copying: the longest run
that a tune shares with the training tunes, beside that of the real tunes of the test set, and the
share of the runs of 8 and of 12 that training tunes also have. Form: the share of a tune's runs of
12 that repeat an earlier one of the same tune (1 - distinct runs / runs), beside all real tunes of
the style; tunes under 25 notes are left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.copying import GRAMS, PlayedRuns, Shared, returning, shared
from benchmarks.music.corpora import as_played
from benchmarks.music.long_run import LongRun, Played, run
from benchmarks.record import RESULTS, Readings, Record, publish
from export.corpus.dataset import split_of
from export.melody.copies import notes
from stream.compose.composer import Composer
from stream.compose.filter.entropy import NoteSeries
from stream.compose.filter.novelty import HISTORY_RUN
from stream.compose.tunes.tune import Melody as CorpusTune
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.voices.spec import StyleSpec, find_voice

NAME = "novelty"
BPM = 120.0
RECENT = 5.0
"""Hours in which no run may return in another tune."""
FORM_NOTES = 25
BAND = (10, 90)
"""Percentiles of real tunes that bound the band."""
DRAWN = 200
"""Most composed tunes of a style in the picture."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """The composed and the real tunes of one style."""

    style: str
    bound: int
    """Most pairs in a row that the voice lets a tune share with its corpus."""
    composed: Shared
    real: Shared
    """Shared runs of the test set."""
    forms: Floats
    """Share of returning runs of each composed tune."""
    real_forms: Floats
    """Share of returning runs of each real tune."""

    @property
    def band(self) -> tuple[float, float]:
        low, high = np.percentile(self.real_forms, BAND)
        return float(low), float(high)


def readings(
    tunes: Sequence[Played], corpus: Sequence[CorpusTune], styles: Mapping[str, StyleSpec]
) -> list[Reading]:
    """Return copying and form of each style that was played and is in the test set."""
    test = [m for m in corpus if split_of(m) == "test"]
    both = [t.melody for t in tunes] + list(map(notes, test))
    found = shared(both, [notes(m) for m in corpus if split_of(m) == "train"])
    names = np.array([t.style for t in tunes] + [m.style for m in test])
    ours = np.arange(len(both)) < len(tunes)
    return [
        Reading(
            style,
            styles[style].longest_copy,
            found.part((names == style) & ours),
            found.part((names == style) & ~ours),
            forms(t.melody for t in tunes if t.style == style),
            forms(notes(m) for m in corpus if m.style == style),
        )
        for style in sorted({t.style for t in tunes} & {m.style for m in test})
    ]


def forms(melodies: Iterable[NoteSeries]) -> Floats:
    """Return the share of returning runs of each tune that is long enough."""
    long = (m for m in melodies if len(m[0]) >= FORM_NOTES)
    return np.array([returning(m, HISTORY_RUN) for m in long])


def repeated(tunes: Sequence[Played]) -> tuple[int, int, int]:
    """Count tunes that share a run with a recent tune, with any earlier one, or all their notes.

    The time between two tunes is from the end of the earlier to the start of the later one.
    """
    runs, known = PlayedRuns(HISTORY_RUN), set[bytes]()
    recent = earlier = again = 0
    for tune in tunes:
        last = runs.play(tune.melody, tune.end)
        recent += tune.begin - last <= 3600 * RECENT
        earlier += last >= 0
        pitch, length = tune.melody
        whole = np.stack([np.diff(pitch, prepend=pitch[:1]), length]).tobytes()
        again += whole in known
        known.add(whole)
    return recent, earlier, again


def stream_records(found: LongRun, where: str, hours: float) -> list[Record]:
    """Return speed, novelty and the choice among candidates."""
    tally, tunes = found.tally, found.tunes
    recent, earlier, again = repeated(tunes)
    goal = f"under {40 * hours / 100:g}"
    whole = [
        ("wall time on one core", "min", found.wall / 60, goal),
        ("processor time", "min", found.processor / 60, goal),
        ("music", "h", found.hours, None),
        ("tunes", "", len(tunes), None),
        ("notes", "", sum(len(t.melody[0]) for t in tunes), None),
        (f"tunes that share a run of {HISTORY_RUN} with the {RECENT:g} h before", "", recent, "0"),
        (f"tunes that share a run of {HISTORY_RUN} with any before", "", earlier, None),
        ("tunes played twice", "", again, "0"),
        ("phrases that are an earlier one again", "", tally.repeats / tally.phrases, None),
        ("batches for each other phrase", "", tally.batches / tally.new, None),
        ("phrases where the least bad candidate played", "", tally.least_bad / tally.new, None),
        *(
            (f"phrases that played although they broke {rule}", "", count / tally.new, None)
            for rule, count in tally.broken.most_common()
        ),
        ("phrases that end off the bar line", "", tally.off_bar / tally.phrases, None),
        ("phrases without a note", "", tally.silent / tally.phrases, "0"),
    ]
    return [Record("stream", where, m, unit, v, paper=goal) for m, unit, v, goal in whole]


def style_records(reading: Reading) -> list[Record]:
    """Return copying and form of one style, for composed and real tunes."""
    found = []
    for system, copied in (("composed", reading.composed), ("real, test set", reading.real)):
        values, n = Readings(tuple(map(float, copied.longest))), len(copied.longest)
        parts = "longest run shared with training tunes"
        figures = {
            f"{parts}, mean": values.mean,
            **{f"{parts}, percentile {p}": values.quantile(p / 100) for p in (50, 90, 99)},
            f"{parts}, above {reading.bound}": float(np.mean(copied.longest > reading.bound)),
            **{f"share of runs of {g} that training tunes hold": copied.share(g) for g in GRAMS},
        }
        found += [Record(system, reading.style, m, "", v, n=n) for m, v in figures.items()]
    low, high = reading.band
    for measure, value in (("mean", reading.forms.mean()), ("median", np.median(reading.forms))):
        verdict = "inside" if low <= value <= high else "outside"
        found.append(
            Record("composed", reading.style, f"share of runs that return, {measure}", "",
                   float(value), None, len(reading.forms), f"{low:.2f} to {high:.2f} ({verdict})")
        )  # fmt: skip
    return found


def draw(found: Sequence[Reading], path: Path) -> None:
    """Draw forms as points on the band of real tunes above, and copying by style below."""
    figure = Figure(figsize=(11, 7), layout="constrained")
    above, below = figure.subfigures(2, 1)
    _draw_forms(above.subplots(), found)
    axes = np.atleast_1d(below.subplots(1, len(found), sharey=True))
    for axis, reading in zip(axes, found, strict=True):
        _draw_copies(axis, reading)
    axes[0].set_ylabel("share of tunes", fontsize=9)
    axes[0].legend(fontsize=8, frameon=False)
    below.suptitle(
        "Tunes with a run of so many (interval, duration) pairs or more from a training tune",
        fontsize=10,
    )
    figure.savefig(path, dpi=130)


def _draw_forms(axis: Axes, found: Sequence[Reading]) -> None:
    rng = np.random.default_rng(0)
    for row, reading in enumerate(found):
        low, high = reading.band
        axis.barh(row, high - low, left=low, height=0.7, color="#cfd8e3")
        some, edges = reading.forms[:DRAWN], [row - 0.35, row + 0.35]
        spread = row + rng.uniform(-0.25, 0.25, len(some))
        axis.scatter(some, spread, s=6, color="#3b82c4", alpha=0.5)
        axis.plot([np.mean(reading.forms)] * 2, edges, color="#c2410c", lw=2)
        axis.plot([np.median(reading.forms)] * 2, edges, color="#c2410c", lw=1, ls="--")
    axis.set_yticks(range(len(found)), [r.style for r in found])
    axis.invert_yaxis()
    axis.set_xlim(-0.02, 1)
    axis.set_title(
        f"Share of a tune's runs of {HISTORY_RUN} that return: band of real tunes (10-90 %), "
        "composed ones, their mean and median (dashed)",
        fontsize=10,
    )
    axis.spines[["top", "right"]].set_visible(False)


def _draw_copies(axis: Axes, reading: Reading) -> None:
    for name, copied, color in (
        ("real, test set", reading.real, "#64748b"),
        ("composed", reading.composed, "#3b82c4"),
    ):
        lengths = np.arange(4, 41)
        shares = [(copied.longest >= n).mean() for n in lengths]
        axis.step(lengths, shares, where="mid", color=color, label=name)
    axis.axvline(reading.bound + 0.5, color="#c2410c", lw=1, ls=":", label="bound")
    axis.set_title(reading.style, fontsize=10)
    axis.set_xlabel("pairs in a row", fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--hours", type=float, default=100.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    composer, controls = Composer(args.voice), Controls(bpm=BPM, ensemble=SOLO)
    found = run(composer, args.seed, controls, args.hours)
    conditions = f"K = {controls.candidates}, {BPM:g} bpm, seed {args.seed}"
    where = f"default mix, lead alone, {conditions}"
    rows = stream_records(found, where, args.hours)
    styles = readings(found.tunes, as_played(args.corpus, composer.spec), composer.spec.styles)
    draw(styles, RESULTS / f"{NAME}.png")
    publish(NAME, rows + [record for reading in styles for record in style_records(reading)])


if __name__ == "__main__":
    main()
