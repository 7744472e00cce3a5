"""The filter's picture: the greedy search, the passing shares, and the paper's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.music.filtering import examples as filter_examples
from benchmarks.music.filtering.parts import KINDS as PASSES
from benchmarks.record import Readings, Record
from export.filter import excerpts, thresholds
from export.filter.classifiers import METHODS, SHARES
from export.filter.corruptions import KINDS, SEEN
from export.filter.thresholds import Bounds, Labeled, quality

PAPER = {
    "logistic regression": {0.5: 0.79, 0.4: 0.81, 0.3: 0.85, 0.2: 0.86},
    "linear SVC": {0.5: 0.74, 0.4: 0.78, 0.3: 0.84, 0.2: 0.85},
    "RBF SVC": {0.5: 0.77, 0.4: 0.81, 0.3: 0.81, 0.2: 0.87},
}
"""Precision in the paper's table 1; its `recall` is the share of good ones in the passed set."""
VOICE = "entropy rules"


@dataclass(frozen=True, slots=True)
class Strict:
    """One style's thresholds, with labeled excerpts of other tunes."""

    style: str
    bounds: Bounds
    held: Labeled
    kinds: NDArray[np.str_]
    path: tuple[dict[str, tuple[float, float]], ...]
    """Bounds after each greedy step."""

    def quality(self, kinds: Sequence[str], bounds: Bounds | None = None) -> thresholds.Quality:
        """Return the quality with these bounds, or with the style's own bounds."""
        part = self.held.part(np.isin(self.kinds, [excerpts.REAL, *kinds]))
        return quality(part.passing(self.bounds if bounds is None else bounds), part.good)

    def passing(self, kind: str) -> float:
        return float(self.held.part(self.kinds == kind).passing(self.bounds).mean())


def by_kind(found: Sequence[Strict]) -> list[Record]:
    """Return the passing share of each kind, as a mean over the styles."""
    kinds = (excerpts.REAL, *KINDS, *filter_examples.TEMPERATURES)
    return [
        Record(VOICE, kind, PASSES, "", r.mean, r.sd, len(found))
        for kind in kinds
        for r in [Readings(tuple(s.passing(kind) for s in found))]
    ]


def draw(found: Sequence[Strict], records: Sequence[Record], path: Path) -> None:
    """Draw precision against recall along the greedy search, passing shares, and the table."""
    figure = Figure(figsize=(14, 4.4), layout="constrained")
    sweep, share, table = figure.subplots(1, 3)
    for strict in found:
        color = f"C{found.index(strict)}"
        for kinds, style in ((SEEN, "-"), (tuple(KINDS), ":")):
            steps = [strict.quality(kinds, bounds) for bounds in strict.path]
            final = strict.quality(kinds)
            recall, precision = [q.recall for q in steps], [q.precision for q in steps]
            label = strict.style if kinds == SEEN else None
            sweep.plot(recall, precision, style, color=color, label=label)
            sweep.plot(final.recall, final.precision, "o", color=color, ms=5)
    sweep.axhline(thresholds.PRECISION, color="#888", lw=0.8, ls=":")
    sweep.set(
        xlabel="recall",
        ylabel="precision",
        title="Step by step, kept: dots; dotted: shuffled lengths too",
    )
    sweep.legend(frameon=False, fontsize=8)
    rows = [r for r in records if r.measure == PASSES]
    share.barh(range(len(rows)), [r.value for r in rows], color="#3b82c4")
    share.set_yticks(range(len(rows)), [r.set for r in rows], fontsize=8)
    share.invert_yaxis()
    share.set(title="Share that passes the kept thresholds", xlim=(0, 1))
    for method, color in zip(METHODS, ("#3b82c4", "#c2410c", "#15803d"), strict=True):
        own = [r for r in records if r.system == method and r.measure == "precision"]
        for name, style in (("entropies,", "-"), ("latent,", "--")):
            values = [r.value for r in own if f"{name} test share" in r.set]
            if values:
                table.plot(SHARES, values, style, color=color, label=f"{method}, with {name[:-1]}")
        table.plot(SHARES, [PAPER[method][s] for s in SHARES], ":", color=color, alpha=0.6)
    table.set(xlabel="share in the test set", title="Precision of the passed set; dotted: paper")
    table.legend(frameon=False, fontsize=7)
    for axis in (sweep, share, table):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
