"""What the paper claims, and whether the figures bear it out.

A claim of order holds where the 95 % intervals of the means over the seeds do not overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from benchmarks.frames.records import LIKELIHOODS, plain
from benchmarks.frames.systems import RAW, SETS
from benchmarks.record import Record

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
}
"""Two-sided 5 % points by number of seeds."""
ORDERS = (("RNN-DBN", "RNN-RBM"), ("RNN-RBM", "RBM"))
"""Pairs of which the paper says that the first is better."""

Found = Mapping[tuple[str, str], Record]
"""Likelihoods by system and set."""


def likelihoods(records: Sequence[Record]) -> dict[tuple[str, str], Record]:
    """The records that are likelihoods."""
    return {
        (plain(r.system), r.set.removesuffix("/test")): r
        for r in records
        if r.measure in LIKELIHOODS
    }


def claims(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """Claim, set and verdict, of every claim whose figures are there."""
    found, made = likelihoods(records), []
    raw = [system for system, name in found if name.endswith(RAW)]
    for name, label in SETS.items():
        for better, worse in ORDERS:
            pair = found.get((better, name)), found.get((worse, name))
            made.append((f"{better} > {worse}", label, verdict(*pair)))
        for system in dict.fromkeys(raw):
            plainly = system.removesuffix(", raw keys")
            pair = found.get((plainly, name)), found.get((system, name + RAW))
            made.append((f"{plainly}: transposed > raw", label, verdict(*pair)))
    return [claim for claim in made if claim[2]]


def verdict(better: Record | None, worse: Record | None) -> str:
    """Whether the first is better; empty where one is missing."""
    if better is None or worse is None:
        return ""
    gap = better.value - worse.value
    if min(better.n, worse.n) < 2:
        return f"{gap:+.2f}, one seed: undecided"
    apart = abs(gap) > interval(better) + interval(worse)
    kind = ("holds" if gap > 0 else "the other way round") if apart else "undecided"
    return f"{gap:+.2f}: {kind}"


def interval(record: Record) -> float:
    """Half the width of the 95 % interval of the mean."""
    points = STUDENT[min(record.n, max(STUDENT))]
    return points * (record.sd or 0.0) / math.sqrt(record.n)
