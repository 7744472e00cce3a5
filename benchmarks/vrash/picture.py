"""The pictures of the page: cross-entropies beside the paper's order, and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from benchmarks.record import Record
from benchmarks.vrash import likelihood as ce
from benchmarks.vrash.verdicts import Found
from export.papers.vrash.mutual_information import Curve

COLOURS = {
    "real": "#000000", "LM": "#D55E00", "VAE": "#999999", "VRASH": "#0072B2",
    "VRASH, filtered": "#009E73",
}  # fmt: skip
"""Told apart by colour-blind eyes (Okabe & Ito 2008)."""
STYLES = {"real": "-", "LM": "--", "VAE": ":", "VRASH": "-", "VRASH, filtered": "-."}
WIDTHS = {"real": 2.2}
MILLI = 1000
BAND = (2.5, 97.5)

Curves = Mapping[str, Mapping[str, Curve]]
"""By style, by source."""


def draw_entropies(records: Sequence[Record], path: Path) -> None:
    """A row a system, in the paper's order: all three on the same test tunes."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    found = Found(records)
    systems = ("VRASH", "LM", "VAE", "untrained")
    marks = (
        ("reconstruction", "o", "#0072B2", ce.RECONSTRUCTION),
        ("importance-weighted bound", "D", "#D55E00", ce.IWAE),
        ("ELBO", "|", "#000000", ce.ELBO),
    )
    # The untrained model has been read on the whole test set alone.
    fresh = [r for r in records if (r.system, r.set) == ("untrained", ce.TEST)]
    whole = {(r.system, r.measure): r for r in fresh}
    drawing, axis = plt.subplots(figsize=(9, 2.8), layout="constrained")
    for name, mark, colour, measure in marks:
        kept = [found.get(s, ce.SAMPLE, measure) or whole.get((s, measure)) for s in systems]
        rows = [i for i, r in enumerate(kept) if r is not None]
        values = [r.value for r in kept if r is not None]
        spread = [r.sd or 0.0 for r in kept if r is not None]
        axis.errorbar(
            values, rows, xerr=spread, fmt=mark, color=colour, label=name, capsize=3,
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
    plt.close(drawing)


def draw_memory(curves: Curves, path: Path) -> None:
    """A column a style: I(d) on logarithmic axes above, what shuffles do not explain below."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    drawing, axes = plt.subplots(
        2, len(curves), figsize=(2.7 * len(curves) + 0.8, 6), layout="constrained", squeeze=False,
        sharex="col", sharey="row",
    )  # fmt: skip
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
            axis.grid(color="#eef0f3")
            axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylim(bottom=0.5)
    axes[0, 0].set_ylabel("I(d), millibits")
    axes[1, 0].set_ylabel("less that of shuffled tunes")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    drawing.savefig(path, dpi=130)
    plt.close(drawing)


def _line(axis: Axes, name: str, x: np.ndarray, bits: np.ndarray, draws: np.ndarray) -> None:
    look = {"color": COLOURS[name], "linestyle": STYLES[name], "lw": WIDTHS.get(name, 1.4)}
    axis.plot(x, MILLI * bits, label=name, **look)
    if len(draws):
        low, high = np.percentile(draws, BAND, axis=0)
        axis.fill_between(x, MILLI * low, MILLI * high, color=COLOURS[name], alpha=0.14, lw=0)
