"""The picture of the page: learning curves, and accuracy beside the poster's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.melody.records import SET, Runs
from benchmarks.melody.systems import LIKELIEST, LOSS, MATCH, RIGHT, SYSTEMS
from benchmarks.record import Record
from benchmarks.support.colors import BLACK, BLUE, GREEN, GRID, ORANGE, SKY, VERMILION

COLORS = {
    "rnn": GREEN, "lstm": BLUE, "intervals": SKY, "carried": ORANGE, "recalling": VERMILION,
}  # fmt: skip
BARS = ((RIGHT, "one step", BLUE), (MATCH, "free run, sampled", VERMILION),
        (LIKELIEST, "free run, likeliest", ORANGE))  # fmt: skip


def draw(records: Sequence[Record], runs: Runs, path: Path) -> None:
    """Write the picture."""
    drawing = Figure(figsize=(12, 5.2), layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=(2, 3))
    _curves(left, runs)
    _bars(right, records)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(color=GRID)
        axis.set_axisbelow(True)
    drawing.savefig(path, dpi=130)


def _curves(axis: Axes, runs: Runs) -> None:
    for name, color in COLORS.items():
        for i, run in enumerate(runs.get(name, ())):
            label = SYSTEMS[name].title if i == 0 else None
            axis.plot(range(1, len(run["curve"]) + 1), run["curve"], color=color, label=label)
    poster = float(SYSTEMS["lstm"].poster[f"{LOSS}/train"])
    axis.axhline(poster, color=BLACK, ls=":", label="poster's LSTM")
    axis.set_xlabel("epoch")
    axis.set_ylabel("log-loss while training, nats a segment")
    axis.legend(frameon=False)


def _bars(axis: Axes, records: Sequence[Record]) -> None:
    split = next((r.set for r in records if r.set != f"{SET}/train"), "")
    found = {(r.system, r.measure): r for r in records if r.set == split}
    rows = [s for s in SYSTEMS.values() if (s.title, RIGHT) in found]
    for at, (measure, label, color) in enumerate(BARS):
        places = np.arange(len(rows)) + (at - 1) * 0.27
        values = [found.get((s.title, measure)) for s in rows]
        axis.barh(
            places, [0.0 if r is None else r.value for r in values], 0.26, color=color,
            xerr=[0.0 if r is None else r.sd or 0.0 for r in values], label=label,
        )  # fmt: skip
    poster = [(float(s.poster[f"{RIGHT}/test"]), y) for y, s in enumerate(rows) if s.poster]
    if poster:
        axis.plot(*zip(*poster, strict=True), "kD", label="the poster, measure not told")
    axis.set_yticks(range(len(rows)), [s.title for s in rows])
    axis.invert_yaxis()
    axis.set_xlabel(f"share of segments that are right, {split}")
    axis.legend(frameon=False, loc="upper right")
