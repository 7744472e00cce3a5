"""The pictures of the page: cross-entropies beside the paper's order, and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.record import Record
from benchmarks.support.colors import BLACK, BLUE, GRAY, GREEN, GRID, VERMILION
from benchmarks.vrash import likelihood as ce
from benchmarks.vrash.verdicts import Found
from export.papers.vrash.mutual_information import Curve

COLORS = {
    "real": BLACK, "LM": VERMILION, "VAE": GRAY, "VRASH": BLUE, "VRASH, filtered": GREEN,
}  # fmt: skip
STYLES = {"real": "-", "LM": "--", "VAE": ":", "VRASH": "-", "VRASH, filtered": "-."}
WIDTHS = {"real": 2.2}
MILLI = 1000
BAND = (2.5, 97.5)

Curves = Mapping[str, Mapping[str, Curve]]
"""Curves by style and source."""


def draw_entropies(records: Sequence[Record], path: Path) -> None:
    """Draw a row for each system in the paper's order, all three on the same test tunes."""
    found = Found(records)
    systems = ("VRASH", "LM", "VAE", "untrained")
    marks = (
        ("reconstruction", "o", BLUE, ce.RECONSTRUCTION),
        ("importance-weighted bound", "D", VERMILION, ce.IWAE),
        ("ELBO", "|", BLACK, ce.ELBO),
    )
    # The untrained model was measured on the whole test set only.
    fresh = [r for r in records if (r.system, r.set) == ("untrained", ce.TEST)]
    whole = {(r.system, r.measure): r for r in fresh}
    drawing = Figure(figsize=(9, 2.8), layout="constrained")
    axis = drawing.subplots()
    for name, mark, color, measure in marks:
        measured = [found.get(s, ce.SAMPLE, measure) or whole.get((s, measure)) for s in systems]
        rows = [i for i, r in enumerate(measured) if r is not None]
        values = [r.value for r in measured if r is not None]
        spread = [r.sd or 0.0 for r in measured if r is not None]
        axis.errorbar(
            values, rows, xerr=spread, fmt=mark, color=color, label=name, capsize=3,
            markersize=13 if mark == "|" else 7, markeredgewidth=2 if mark == "|" else 1,
        )  # fmt: skip
    axis.set_yticks(range(len(systems)), [f"{i + 1}. {s}" for i, s in enumerate(systems)])
    axis.invert_yaxis()
    axis.set_ylabel("order in the paper")
    axis.set_xlabel("bits per note on held-out tunes (less is better)")
    axis.grid(axis="x", color="#e5e7eb")
    axis.set_axisbelow(True)
    axis.legend(frameon=False, fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)
    drawing.savefig(path, dpi=130)


def draw_memory(curves: Curves, path: Path) -> None:
    """Draw a column for each style: I(d) above, I(d) beyond that of shuffled tunes below."""
    drawing = Figure(figsize=(2.7 * len(curves) + 0.8, 6), layout="constrained")
    axes = drawing.subplots(2, len(curves), squeeze=False, sharex="col", sharey="row")
    for column, (style, sources) in enumerate(curves.items()):
        above, below = axes[:, column]
        for name, found in sources.items():
            _line(above, name, found.distances, found.plain, found.plain_draws)
            _line(below, name, found.distances, found.beyond, found.beyond_draws)
        above.set_title(style, fontsize=11)
        above.set_xscale("log", base=2)
        above.set_yscale("log")
        below.set_ylim(-20, 60)
        below.axhline(0, color="#6b7280", lw=0.8)
        below.set_xlabel("distance, notes")
        below.xaxis.set_major_formatter("{x:.0f}")
        for axis in (above, below):
            axis.grid(color=GRID)
            axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylim(bottom=0.5)
    axes[0, 0].set_ylabel("I(d), millibits")
    axes[1, 0].set_ylabel("less that of shuffled tunes")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    drawing.savefig(path, dpi=130)


def _line(axis: Axes, name: str, x: np.ndarray, bits: np.ndarray, draws: np.ndarray) -> None:
    look = {"color": COLORS[name], "linestyle": STYLES[name], "lw": WIDTHS.get(name, 1.4)}
    axis.plot(x, MILLI * bits, label=name, **look)
    if len(draws):
        low, high = np.percentile(draws, BAND, axis=0)
        axis.fill_between(x, MILLI * low, MILLI * high, color=COLORS[name], alpha=0.14, lw=0)
