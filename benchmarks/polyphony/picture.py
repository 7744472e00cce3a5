"""The picture of the page: our figures beside the paper's for each set, and their costs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.polyphony.records import AIS, BOUND, EXACT, STEP, by_place, likelihoods, plain
from benchmarks.polyphony.systems import BEST, RAW, SETS, SYSTEMS
from benchmarks.record import Record
from benchmarks.support.colors import BLACK, BLUE, GREEN, GRID, VERMILION

LOOKS = {
    EXACT: ("ours, exact", "o", BLUE),
    AIS: ("ours, AIS", "D", VERMILION),
    BOUND: ("ours, lower bound", "^", GREEN),
}
"""Label, mark and color of each measure."""
PAPER = ("the paper", "s", BLACK)
CLOSE = 0.45
"""Difference in nats below which two labels would touch."""


def draw(records: Sequence[Record], path: Path) -> None:
    """Write the picture; sets without figures have no panel."""
    found = likelihoods(records)
    sets = [name for name in SETS if any(n == name and t != "random" for t, n in found)]
    rows = [(system.title, "") for system in SYSTEMS.values()]
    rows += [(t, RAW) for t in dict.fromkeys(t for t, n in found if n.endswith(RAW))]
    wide, timed = max(len(sets), 1), any(r.measure == STEP for r in records)
    drawing = Figure(figsize=(2.6 + 3.4 * wide, 5 + 3.6 * timed), layout="constrained")
    axes = drawing.subplots(
        1 + timed, wide, squeeze=False, sharey="row", height_ratios=(5, 3.6)[: 1 + timed]
    )
    for axis, name in zip(axes[0], sets, strict=False):
        _panel(axis, name, rows, records)
    axes[0, 0].set_yticks(range(len(rows)), [title for title, _ in rows])
    axes[0, 0].invert_yaxis()
    for axis, name in zip(axes[-1] if timed else (), sets, strict=False):
        _costs(axis, name, records)
    labels: dict[str, object] = {}
    for axis in axes[0]:
        handles, names = axis.get_legend_handles_labels()
        labels |= dict(zip(names, handles, strict=True))
    columns = 2 if wide == 1 else 2 + wide
    drawing.legend(
        labels.values(), labels, loc="outside upper center", ncols=columns, frameon=False
    )
    drawing.savefig(path, dpi=130)


def _panel(
    axis: Axes, name: str, rows: Sequence[tuple[str, str]], records: Sequence[Record]
) -> None:
    places = {(title, name + end): y for y, (title, end) in enumerate(rows)}
    published = [(x, y) for (t, n), y in places.items() for x in _published(t, n)]
    _marks(axis, published, PAPER, hollow="none")
    for measure, look in LOOKS.items():
        measured = [
            (r.value, places[key], r.sd or 0.0)
            for r in records
            if r.measure == measure
            and (key := (plain(r.system), r.set.removesuffix("/test"))) in places
        ]
        _marks(axis, [(x, y) for x, y, _ in measured], look)
        for x, y, sd in measured:
            axis.plot([x - sd, x + sd], [y, y], color=look[2], lw=1.5)
    best = float(BEST[name])
    axis.axvline(best, color="#6b7280", ls=":", label="best known exact single model")
    axis.set_title(SETS[name], fontsize=11)
    axis.set_xlabel("nats per test frame (more is better)")
    axis.grid(axis="both", color=GRID)
    axis.spines[["top", "right"]].set_visible(False)


def _costs(axis: Axes, name: str, records: Sequence[Record]) -> None:
    """Draw nats against the time of a step, and the line through the best systems by time."""
    steps, found = by_place(records, STEP), likelihoods(records)
    points: list[tuple[float, float]] = []
    names = []
    for (title, where), step in steps.items():
        r = found.get((title, where))
        if where == name and r is not None:
            axis.plot(step.value, r.value, LOOKS[r.measure][1], color=LOOKS[r.measure][2])
            points.append((step.value, r.value))
            names.append(title)
    _label(axis, dict(zip(names, points, strict=True)))
    best = front(points)
    axis.plot(*zip(*best, strict=True), color="#9ca3af", lw=1, ls="--", zorder=0)
    axis.set_xscale("log")
    axis.margins(x=0.35, y=0.12)
    axis.set_xlabel("milliseconds of a frame, one core")
    axis.set_ylabel("nats per test frame")
    axis.grid(axis="both", color=GRID)
    axis.spines[["top", "right"]].set_visible(False)


def _label(axis: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Label points (time, nats) on a free side, without overlapping labels."""
    last = {True: (math.inf, 0), False: (math.inf, 0)}
    for title, point in sorted(points.items(), key=lambda item: -item[1][1]):
        left = any(point < other and _hides(other, point) for other in points.values())
        nats, lift = last[left]
        lift = lift - 9 if nats - point[1] < CLOSE else 3
        last[left] = point[1], lift
        axis.annotate(
            title, point, xytext=(-6 if left else 6, lift), textcoords="offset points", fontsize=8,
            ha="right" if left else "left",
        )  # fmt: skip


def _hides(other: tuple[float, float], point: tuple[float, float]) -> bool:
    """Return True if the other (time, nats) lies under a label to the right of the point."""
    return other[0] < 1.8 * point[0] and abs(other[1] - point[1]) < CLOSE


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points (time, nats) that no faster point beats, the fastest first."""
    best: list[tuple[float, float]] = []
    for point in sorted(points):
        if not best or point[1] > best[-1][1]:
            best.append(point)
    return best


def _published(title: str, name: str) -> list[float]:
    """Return the paper's figures of a row, which may have two."""
    words = title.removesuffix(", raw keys")
    system = next(s for s in SYSTEMS.values() if s.title == words)
    return [float(number) for number in re.findall(r"-\d+\.\d+", system.paper.get(name, ""))]


def _marks(
    axis: Axes, points: Sequence[tuple[float, int]], look: tuple[str, str, str], hollow: str = ""
) -> None:
    if not points:
        return
    label, mark, color = look
    face = {"markerfacecolor": hollow} if hollow else {}
    axis.plot(*zip(*points, strict=True), mark, color=color, label=label, **face)
