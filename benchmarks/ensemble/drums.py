"""Drums: a two-sample test against held-out drummers, bits of a sixteenth, and controls.

`python -m benchmarks.ensemble.drums --corpora FOLDER`. The drummers are those of the
Groove MIDI Dataset's validation split, which no training reads; beats in 4/4, excerpts of four
bars. The companion gets the style, the tempo and the energy of each excerpt, no lead and no bass,
and is primed by its own phrase before, as in a stream.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks import record, script
from benchmarks.ensemble import drum_systems as systems
from benchmarks.ensemble.drum_baselines import Counts, by_place, learned, n_gram
from benchmarks.ensemble.drum_composing import bits, composed
from benchmarks.ensemble.drum_excerpts import Four
from benchmarks.ensemble.drum_features import STATISTICS, features_of
from benchmarks.ensemble.two_sample import Sample, auc, aucs, halves, within
from benchmarks.record import Readings, Record
from export.companions.drum_excerpts import frames_of
from export.companions.drums import ROLE, Energies
from export.companions.groove import Performance, read
from stream.compose.companions.companion import Companion
from stream.compose.companions.kinds import kind_named
from stream.music.verdict import Verdict

NAME = "drums"
CANDIDATES = 6
"""Candidates of a companion in the stream."""
FOLDER = Path("stream") / "voices" / "companions"
GOAL = "<= 0.75"
OURS, FREQUENCIES, NGRAM = "companion", "frequencies by place", "n-gram"
LEARNED, MEASURED = 1, 1
"""Excerpts of 12 bars of each performance that baselines learn, and whose bits are measured."""
CONTROLS = {
    "bars shuffled": systems.bars_shuffled,
    "velocities shuffled": systems.values_shuffled(0),
    "offsets shuffled": systems.values_shuffled(1),
}


def main(argv: list[str] | None = None) -> int:
    """Measure everything, write the results."""
    args = _parser().parse_args(argv)
    return script.run(lambda: measure(args))


def measure(args: argparse.Namespace) -> None:
    """Write the records of all systems."""
    companion = Companion(args.voice, kind_named(NAME), NAME)
    table = ROLE.corpus(args.corpora).energies
    train, held = (
        systems.four_four(read(args.corpora, split)) for split in ("train", "validation")
    )
    real = systems.real(held, table, args.most)
    counts = _counts(train)
    ours, verdicts = composed(companion, real, args.seed, args.candidates)
    drawn = systems.by_frequencies(counts, real, args.seed)
    tests = _two_sample(real, {OURS: ours, FREQUENCIES: drawn}, args.folds)
    floor = _floors(real, systems.real(train, table, 2), args.folds)
    raw = systems.real(systems.four_four(read(args.corpora, "validation", 0.0)), table, args.most)
    late = Record(OURS, "validation, latencies left in", "AUC", "",
                  auc(systems.sample(raw), systems.sample(ours), 0))  # fmt: skip
    found = [*tests, *floor, late, *_bands(real, ours, drawn), *_verdicts(verdicts)]
    found += _bits(companion, train, held, table)
    record.publish(NAME, found, args.results, _page(found))


def _counts(train: Sequence[Performance]) -> dict[str, Counts]:
    """Return frequencies by place in the bar, by style."""
    found = {}
    for style in {whole.style for whole in train}:
        of_style = [whole for whole in train if whole.style == style]
        excerpts = systems.excerpts_of(of_style, 3, LEARNED)
        found[style] = learned([frames_of(each) for each in excerpts], by_place)
    return found


def _two_sample(real: Sequence[Four], others: dict[str, list[Four]], folds: int) -> list[Record]:
    """Return the area under the curve of each system and control."""
    base = systems.sample(real)
    samples = {name: systems.sample(fours) for name, fours in others.items()}
    samples |= {name: systems.sample(real, change) for name, change in CONTROLS.items()}
    return [_auc(name, base, sample, folds, GOAL if name == OURS else "must lose")
            for name, sample in samples.items()]  # fmt: skip


def _auc(name: str, base: Sample, other: Sample, folds: int, beside: str) -> Record:
    found = Readings(aucs(base, other, folds))
    return Record(name, "validation", "AUC", "", found.mean, found.sd, folds, beside)


def _floors(real: Sequence[Four], train: Sequence[Four], folds: int) -> list[Record]:
    """Return the same for held-out drummers' halves, and for other performances."""
    base = systems.sample(real)
    other = systems.sample(train)
    other = Sample(other.features, other.groups + 1 + int(base.groups.max()))
    parts = Readings(tuple(auc(*halves(base, seed), seed) for seed in range(2 * folds)))
    return [
        Record("drummers, half against half", "validation", "AUC", "", parts.mean, parts.sd,
               2 * folds, "0.5"),
        _auc("drummers of the train split", base, other, folds, "floor of other performances"),
    ]  # fmt: skip


def _bands(real: Sequence[Four], ours: Sequence[Four], drawn: Sequence[Four]) -> list[Record]:
    """Return the medians of velocities, offsets and more beside the drummers' middle 80 %."""
    tables = {name: np.array([features_of(four.notes) for four in fours])
              for name, fours in (("real", real), (OURS, ours), (FREQUENCIES, drawn))}  # fmt: skip
    low, high = np.nanpercentile(tables["real"], [10, 90], axis=0)
    found = []
    for name in (OURS, FREQUENCIES):
        middle, inside = np.nanmedian(tables[name], axis=0), within(tables["real"], tables[name])
        for i, measure in enumerate(STATISTICS):
            band = f"{low[i]:.3g} to {high[i]:.3g}"
            found += [
                Record(name, "validation", f"{measure}, median", "", float(middle[i]), paper=band),
                Record(name, "validation", f"{measure}, share within the band", "",
                       float(inside[i]), paper="0.8 of drummers"),
            ]  # fmt: skip
    return found


def _verdicts(verdicts: Sequence[Verdict]) -> list[Record]:
    passed = fmean(verdict.passed for verdict in verdicts)
    each = sum(v.accepted for v in verdicts) / sum(v.candidates for v in verdicts)
    return [
        Record(OURS, "four bars", "phrases that keep all rules", "", passed, n=len(verdicts)),
        Record(OURS, "four bars", "candidates that keep all rules", "", each, n=len(verdicts)),
    ]


def _bits(
    companion: Companion, train: Sequence[Performance], held: Sequence[Performance],
    table: Energies,
) -> list[Record]:  # fmt: skip
    """Return bits of a sixteenth of held-out excerpts of 12 bars."""
    lessons = [frames_of(each) for each in systems.excerpts_of(train, 3, LEARNED)]
    excerpts = systems.excerpts_of(held, 3, MEASURED)
    readings = {OURS: [bits(companion, each, table) for each in excerpts]}
    for name, contexts in ((FREQUENCIES, by_place), (NGRAM, n_gram)):
        counts = learned(lessons, contexts)
        readings[name] = [fmean(counts.bits(frames_of(each))) for each in excerpts]
    return [
        Record(name, "validation", "bits of a sixteenth", "bits", fmean(found), n=len(found))
        for name, found in readings.items()
    ]


def _page(found: Sequence[Record]) -> str:
    tests = [
        (r.system, f"{r.value:.3f}", r.set, r.paper or "") for r in found if r.measure == "AUC"
    ]
    bits = [(r.system, f"{r.value:.2f}") for r in found if r.unit == "bits"]
    parts = [
        "# Drums against held-out drummers",
        " ".join((__doc__ or "").split("\n\n")[1].split()).replace("`python", "\n`python", 1),
        ("Trees tell excerpts of a system from those of drummers; 0.5 is chance, 1 certainty. Folds"
        " share no performance, so they judge performances that they never saw."),
        record.markdown(("system", "AUC", "set", "beside"), tests),
        ("Drummers differ so much from each other that trees trained on some can judge others below"
        " chance; the second floor compares the held-out ones with those of training."),
        record.markdown(("system", "bits of a sixteenth"), bits),
        ("Each performance was moved as a whole to a mean offset of 0 on the beats; the row with"
        " latencies left in shows what that hides."),
        *record.all_figures(found, script.command(NAME)),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--voice", type=Path, default=FOLDER / f"{NAME}.onnx", metavar="FILE")
    parser.add_argument("--results", type=Path, default=record.RESULTS, metavar="DIR")
    script.add_counts(
        parser,
        (
            ("most", 10, "excerpts of each performance"),
            ("candidates", CANDIDATES, "candidates of the companion"),
            ("folds", 3, "divisions into folds"),
            ("seed", 1, "seed of the companion"),
        ),
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
