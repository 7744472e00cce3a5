"""Verdicts on the paper's claims.

They compare models of the same seed: an RNN-DBN starts from the RNN-RBM of its seed, so that the
luck of that model is in both. A claim holds if the 95 % interval of the mean difference (Student's
t) lies above zero. The seeds of a set are no independent readings of other sets, so that all sets
together have one reading each: their mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from benchmarks.polyphony.runs import Measured
from benchmarks.polyphony.systems import RAW, SETS, SYSTEMS
from benchmarks.record import Readings, Record

STUDENT = {
    2: 12.71,
    3: 4.303,
    4: 3.182,
    5: 2.776,
    6: 2.571,
    7: 2.447,
    8: 2.365,
    9: 2.306,
    10: 2.262,
    11: 2.228,
    12: 2.201,
}
"""Two-sided 5 % points of Student's t by number of differences."""
ORDERS = (("rnn-dbn", "rnn-rbm"), ("rnn-rbm", "rbm"))
"""Pairs of systems; the paper claims that the first is better."""
GAIN = "paired_gain"
UNEQUAL = "; unequal training"
TRAINED = "frames_trained"
EVERY = "all"
"""Name of all sets together."""

Runs = Mapping[tuple[str, str], Sequence[Measured]]
"""Readings by system and set, one for each seed."""


def gains(runs: Runs) -> list[Record]:
    """Return the gain of the first system of each claim in nats, for each set and for all sets."""
    made = []
    for claim, pairs in _claims(runs):
        found = {name: _differences(*pair) for name, pair in pairs.items()}
        if len(found) > 1:
            found[EVERY] = [fmean(gaps) for gaps in found.values()]
        for name, gaps in found.items():
            r = Readings(tuple(gaps))
            made.append(Record(claim, f"{name}/test", GAIN, "nats", r.mean, r.sd, len(gaps)))
    return made


def _claims(runs: Runs) -> list[tuple[str, dict[str, tuple[Sequence[Measured], ...]]]]:
    """Return each claim with the readings of both systems by set, the better one first."""
    pairs_of_claims = [
        (f"{SYSTEMS[a].title} > {SYSTEMS[b].title}", (a, ""), (b, "")) for a, b in ORDERS
    ]
    raw = dict.fromkeys(system for system, name in runs if name.endswith(RAW))
    pairs_of_claims += [(f"{SYSTEMS[s].title}: transposed > raw", (s, ""), (s, RAW)) for s in raw]
    found = []
    for claim, (better, _), (worse, end) in pairs_of_claims:
        pairs = {
            name: (runs[better, name], runs[worse, name + end])
            for name in SETS
            if (better, name) in runs and (worse, name + end) in runs
        }
        found.append((claim, pairs))
    return [(claim, pairs) for claim, pairs in found if pairs]


def _differences(better: Sequence[Measured], worse: Sequence[Measured]) -> list[float]:
    return [a.nats - b.nats for a, b in zip(better, worse, strict=False)]


def claims(records: Sequence[Record]) -> list[tuple[str, str, str, str]]:
    """Return rows of claim, set, difference with its interval, and verdict."""
    trained = {(plain(r.system), r.set): r.value for r in records if r.measure == TRAINED}
    found = []
    for r in records:
        if r.measure == GAIN:
            difference, kind = verdict(r)
            note = UNEQUAL if kind != "undecided" and _is_unequal(r, trained) else ""
            name = SETS.get(r.set.removesuffix("/test"), "all sets")
            found.append((r.system, name, difference, kind + note))
    return found


def _is_unequal(gain: Record, trained: Mapping[tuple[str, str], float]) -> bool:
    """Return whether the two systems of a claim differ in training frames on a set of it."""
    names = gain.system.split(" > ")
    sets = {gain.set} if gain.set != f"{EVERY}/test" else {where for _, where in trained}
    frames = [{trained.get((name, where)) for name in names} for where in sets]
    return any(len(each - {None}) > 1 for each in frames)


def plain(name: str) -> str:
    """Return the name of a record's system without the frames."""
    return name.partition(" (")[0]


def verdict(gain: Record) -> tuple[str, str]:
    """Return the mean difference ± half its interval (count), and the verdict."""
    if gain.n < 2:
        return f"{gain.value:+.2f} (1)", "one difference: undecided"
    half = interval(gain)
    kind = "undecided"
    if abs(gain.value) > half:
        kind = "holds" if gain.value > 0 else "the other way round"
    return f"{gain.value:+.2f} ± {half:.2f} ({gain.n})", kind


def interval(record: Record) -> float:
    """Return half the width of the 95 % interval of the mean."""
    points = STUDENT[min(record.n, max(STUDENT))]
    return points * (record.sd or 0.0) / math.sqrt(record.n)
