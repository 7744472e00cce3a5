"""Verdicts on the paper's claims, decided by the figures alone.

A difference is decided if it is larger than chance makes it in 95 of 100 repetitions: over seeds by
Welch's t-test, over tunes by the bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy import stats

from benchmarks.record import Record, figure
from benchmarks.vrash import likelihood as ce
from benchmarks.vrash import memory as mi
from benchmarks.vrash import repetition as rep

HOLDS, FAILS, OPEN = "holds", "does not hold", "not decided"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that is positive if the claim is true, and its standard error."""

    value: float
    error: float
    freedom: float = math.inf
    """Degrees of freedom of the error."""

    @property
    def verdict(self) -> str:
        margin = float(stats.t.ppf(0.975, self.freedom)) * self.error
        if not abs(self.value) > margin:
            return OPEN
        return HOLDS if self.value > 0 else FAILS


@dataclass(frozen=True, slots=True)
class Verdict:
    """A claim, whether it holds, and the figures that decide."""

    claim: str
    outcome: str
    figures: str


class Found:
    """Records by system, set and measure."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = {(r.system, r.set, r.measure): r for r in records}
        wheres = [
            r.set for r in records if r.measure == mi.AREA and r.set.endswith(", pitch class")
        ]
        self.styles = list(dict.fromkeys(w.partition(",")[0] for w in wheres))

    def get(self, system: str, where: str, measure: str) -> Record | None:
        return self._records.get((system, where, measure))

    def over_seeds(self, high: str, low: str, where: str, measure: str) -> Difference | None:
        """Return `high` minus `low`, each a mean over the seeds; None without records."""
        a, b = self.get(high, where, measure), self.get(low, where, measure)
        if a is None or b is None:
            return None
        if a.sd is None or b.sd is None:
            return Difference(a.value - b.value, math.inf)
        parts = [(r.sd or 0.0) ** 2 / r.n for r in (a, b)]
        error = sum(parts)
        spread = sum(p**2 / (r.n - 1) for p, r in zip(parts, (a, b), strict=True))
        freedom = error**2 / spread if spread else math.inf
        return Difference(a.value - b.value, math.sqrt(error), freedom)

    def information(self, system: str, style: str, measure: str) -> tuple[float, float] | None:
        """Return a figure of memory, and its error over tunes and seeds together."""
        record = self.get(system, f"{style}, pitch class", measure)
        if record is None:
            return None
        seeds = self.get(system, f"{style}, by seed", measure)
        between = 0.0 if seeds is None or seeds.sd is None else seeds.sd**2 / seeds.n
        return record.value, math.hypot(record.sd or math.inf, math.sqrt(between))


def verdicts(records: Sequence[Record]) -> list[Verdict]:
    """Return the verdicts on all claims of the paper that these records can decide."""
    found = Found(records)
    return [
        *_order(found),
        *_repetition(found),
        *_memory(found),
        *_filter(found),
    ]


def _order(found: Found) -> list[Verdict]:
    claims = (
        ("cross-entropy: VRASH at most LM", ("LM", "VRASH"), ce.TEST, ce.RECONSTRUCTION),
        ("cross-entropy: LM below VAE", ("VAE", "LM"), ce.TEST, ce.RECONSTRUCTION),
        ("cross-entropy: VAE below untrained", ("untrained", "VAE"), ce.TEST, ce.RECONSTRUCTION),
        ("the same of the importance-weighted bound: VRASH at most LM (not in the paper)",
         ("LM", "VRASH"), ce.SAMPLE, ce.IWAE),
    )  # fmt: skip
    return [_seeds(found, *claim) for claim in claims]


def _repetition(found: Found) -> list[Verdict]:
    return [
        _seeds(found, f"{measure}: more in LM than in {other}", ("LM", other), rep.ALL, measure)
        for measure in (rep.REPEATS, rep.RUN)
        for other in ("VAE", "VRASH")
    ]


def _seeds(found: Found, claim: str, systems: tuple[str, str], where: str, measure: str) -> Verdict:
    high, low = systems
    difference = found.over_seeds(high, low, where, measure)
    if difference is None:
        return Verdict(claim, OPEN, "not measured")
    a, b = (found.get(system, where, measure) for system in (low, high))
    figures = f"{low} {_value(a)}, {high} {_value(b)}"
    return Verdict(claim, difference.verdict, figures)


def _value(record: Record | None) -> str:
    if record is None:
        return ""
    return figure(record.value) + (f" ± {figure(record.sd)}" if record.sd is not None else "")


def _memory(found: Found) -> list[Verdict]:
    def above(measure: str) -> Callable[[str], Difference | None]:
        return lambda style: _gap(found, style, measure, "VRASH", "LM")

    def nearer(measure: str) -> Callable[[str], Difference | None]:
        return lambda style: _nearer(found, style, measure)

    claims = [("I(d) falls more slowly in VRASH than in LM (slope)", above(mi.SLOPE))]
    for measure in (mi.AREA, mi.AREA_BEYOND):
        claims.append((f"{measure}: larger in VRASH than in LM", above(measure)))
        claims.append((f"{measure}: VRASH closer to real than LM", nearer(measure)))
    return [_by_style(found, claim, difference) for claim, difference in claims]


def _filter(found: Found) -> list[Verdict]:
    def changed(style: str) -> Difference | None:
        gap = _gap(found, style, mi.AREA, "VRASH, filtered", "VRASH")
        if gap is None:
            return None
        # A change in either direction counts.
        return Difference(abs(gap.value), gap.error)

    return [_by_style(found, "the filter changes the area under I(d)", changed)]


def _gap(found: Found, style: str, measure: str, high: str, low: str) -> Difference | None:
    a, b = (found.information(system, style, measure) for system in (high, low))
    if a is None or b is None:
        return None
    return Difference(a[0] - b[0], math.hypot(a[1], b[1]))


def _nearer(found: Found, style: str, measure: str) -> Difference | None:
    """Return by how much VRASH is nearer to the real figure than LM."""
    real, lm, vrash = (found.information(s, style, measure) for s in ("real", "LM", "VRASH"))
    if real is None or lm is None or vrash is None:
        return None
    value = abs(lm[0] - real[0]) - abs(vrash[0] - real[0])
    apart = (lm[0] - real[0]) * (vrash[0] - real[0]) < 0
    # If both lie on the same side of the real figure, its own error cancels.
    return Difference(value, math.hypot(lm[1], vrash[1], 2 * real[1] * apart))


def _by_style(found: Found, claim: str, difference: Callable[[str], Difference | None]) -> Verdict:
    outcomes: dict[str, list[str]] = {}
    figures = []
    for style in found.styles:
        gap = difference(style)
        if gap is not None:
            outcomes.setdefault(gap.verdict, []).append(style)
            figures.append(f"{style} {gap.value:+.2g} ± {gap.error:.1g}")
    words = [f"{o} in {', '.join(outcomes[o])}" for o in (HOLDS, FAILS, OPEN) if o in outcomes]
    return Verdict(claim, "; ".join(words) or OPEN, ", ".join(figures) or "not measured")
